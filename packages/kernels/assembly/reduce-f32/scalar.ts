import * as kinds from './kinds';

/** Partial results of a line. */
const PARTS = memory.data(64);

/** The greater (or the least); NaN wins, and 0 over -0. */
@inline
function extreme(kind: i32, a: f32, b: f32): f32 {
  return kind == kinds.MAX ? max<f32>(a, b) : min<f32>(a, b);
}

@inline
function start(kind: i32): f32 {
  if (kind == kinds.MAX) return -Infinity;
  return kind == kinds.MIN ? Infinity : 0;
}

@inline
function combine(kind: i32, a: f32, b: f32): f32 {
  return kind == kinds.MAX || kind == kinds.MIN ? extreme(kind, a, b) : a + b;
}

/** What of an element is combined. */
@inline
function term(kind: i32, x: f32): f32 {
  if (kind == kinds.SUM_SQUARE || kind == kinds.L2) return x * x;
  return kind == kinds.L1 ? abs<f32>(x) : x;
}

@inline
function finish(kind: i32, result: f32, length: i32): f32 {
  if (kind == kinds.MEAN) return result / <f32>length;
  return kind == kinds.L2 ? sqrt<f32>(result) : result;
}

/**
 * y[outer, inner] = a reduction (see ./kinds.ts) of x [outer, length, inner] over its middle axis, in float32. An empty
 * line gives 0, or what is neutral for the greatest and the least; its mean is NaN.
 *
 * The order: for inner 1, elements are combined into 16 parts in turn, and these as `joined` does; else in the order of
 * the axis.
 */
export function reduceF32(kind: i32, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  assert(outer >= 0 && length >= 0 && inner >= 0);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const from = x + ((o * length * inner + i) << 2);
      const result = line(kind, length, inner << 2, from, inner == 1 ? 15 : 0);
      store<f32>(y + ((o * inner + i) << 2), finish(kind, result, length));
    }
  }
}

/** turns: index of the last of the parts that are used in turn. */
function line(kind: i32, length: i32, stride: i32, x: usize, turns: i32): f32 {
  for (let part = 0; part < 16; part++) store<f32>(PARTS + (part << 2), start(kind));
  for (let i = 0; i < length; i++) {
    const part = PARTS + ((i & turns) << 2);
    store<f32>(part, combine(kind, load<f32>(part), term(kind, load<f32>(x + i * stride))));
  }
  return turns ? joined(kind, PARTS) : load<f32>(PARTS);
}

/** Parts i, i + 4, i + 8 and i + 12 as ((a + b) + (c + d)), then these four likewise. */
function joined(kind: i32, parts: usize): f32 {
  for (let i = 0; i < 4; i++) {
    const a = parts + (i << 2);
    const low = combine(kind, load<f32>(a), load<f32>(a, 16));
    store<f32>(a, combine(kind, low, combine(kind, load<f32>(a, 32), load<f32>(a, 48))));
  }
  const low = combine(kind, load<f32>(parts), load<f32>(parts, 4));
  return combine(kind, low, combine(kind, load<f32>(parts, 8), load<f32>(parts, 12)));
}

/** The sum of n floats from x on, in the order of a reduction with inner 1. */
export function sumF32(n: i32, x: usize): f32 {
  return line(kinds.SUM, n, 4, x, 15);
}

/** The sum of (x - mean)^2, in the same order. */
export function sumOfSquaresF32(n: i32, x: usize, mean: f32): f32 {
  for (let part = 0; part < 16; part++) store<f32>(PARTS + (part << 2), 0);
  for (let i = 0; i < n; i++) {
    const part = PARTS + ((i & 15) << 2);
    const distance = load<f32>(x + (i << 2)) - mean;
    store<f32>(part, load<f32>(part) + distance * distance);
  }
  return joined(kinds.SUM, PARTS);
}
