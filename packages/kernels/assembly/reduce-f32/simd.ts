import { ADD, acrossLanes, combine, MAX, MIN, storeF32, tailMask } from '../lanes';
import * as kinds from './kinds';

/** How the terms of a kind are combined, as lanes.ts has it. */
@inline
function operationOf(kind: i32): i32 {
  if (kind == kinds.MAX) return MAX;
  return kind == kinds.MIN ? MIN : ADD;
}

@inline
function start(operation: i32): v128 {
  if (operation == ADD) return i32x4.splat(0);
  return f32x4.splat(operation == MAX ? -Infinity : Infinity);
}

@inline
function term(kind: i32, x: v128): v128 {
  if (kind == kinds.SUM_SQUARE || kind == kinds.L2) return f32x4.mul(x, x);
  return kind == kinds.L1 ? f32x4.abs(x) : x;
}

@inline
function finish(kind: i32, result: v128, length: i32): v128 {
  if (kind == kinds.MEAN) return f32x4.div(result, f32x4.splat(<f32>length));
  return kind == kinds.L2 ? f32x4.sqrt(result) : result;
}

/**
 * As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 12 bytes past x. The kind is asked for at each
 * vector: predicted, and one loop instead of seven.
 */
export function reduceF32(kind: i32, outer: i32, length: i32, inner: i32, x: usize, y: usize): void {
  const stride = inner << 2;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      store<f32>(y, f32x4.extract_lane(finish(kind, line(kind, length, x, i32x4.splat(0)), length), 0));
    } else {
      let i = 0;
      for (; i <= inner - 16; i += 16) columnsOf16(kind, length, stride, x + (i << 2), y + (i << 2));
      for (; i < inner; i += 4) {
        const result = finish(kind, columns(kind, length, stride, x + (i << 2)), length);
        storeF32(y + (i << 2), result, inner - i);
      }
    }
    x += length * stride;
    y += stride;
  }
}

/** Four lines side by side. */
function columns(kind: i32, length: i32, stride: i32, x: usize): v128 {
  const operation = operationOf(kind);
  let result = start(operation);
  for (let i = 0; i < length; i++) {
    result = combine(operation, result, term(kind, v128.load(x)));
    x += stride;
  }
  return result;
}

/** Sixteen lines side by side: a whole line of the cache, and sums that do not wait for each other. */
function columnsOf16(kind: i32, length: i32, stride: i32, x: usize, y: usize): void {
  const operation = operationOf(kind);
  let r0 = start(operation);
  let r1 = r0, r2 = r0, r3 = r0;
  for (let i = 0; i < length; i++) {
    r0 = combine(operation, r0, term(kind, v128.load(x)));
    r1 = combine(operation, r1, term(kind, v128.load(x, 16)));
    r2 = combine(operation, r2, term(kind, v128.load(x, 32)));
    r3 = combine(operation, r3, term(kind, v128.load(x, 48)));
    x += stride;
  }
  v128.store(y, finish(kind, r0, length));
  v128.store(y, finish(kind, r1, length), 16);
  v128.store(y, finish(kind, r2, length), 32);
  v128.store(y, finish(kind, r3, length), 48);
}

/** The terms of the first `count` lanes, neutral in the others. */
function lastTerm(kind: i32, x: usize, shift: v128, none: v128, count: i32): v128 {
  return v128.bitselect(term(kind, f32x4.sub(v128.load(x), shift)), none, tailMask(count));
}

/** The terms of n floats less `shift`, combined: in every lane. */
function line(kind: i32, n: i32, x: usize, shift: v128): v128 {
  const operation = operationOf(kind);
  const none = start(operation);
  let p0 = none, p1 = none, p2 = none, p3 = none;
  let i = 0;
  for (; i <= n - 16; i += 16) {
    p0 = combine(operation, p0, term(kind, f32x4.sub(v128.load(x), shift)));
    p1 = combine(operation, p1, term(kind, f32x4.sub(v128.load(x, 16), shift)));
    p2 = combine(operation, p2, term(kind, f32x4.sub(v128.load(x, 32), shift)));
    p3 = combine(operation, p3, term(kind, f32x4.sub(v128.load(x, 48), shift)));
    x += 64;
  }
  const rest = n - i;
  if (rest > 0) p0 = combine(operation, p0, lastTerm(kind, x, shift, none, rest));
  if (rest > 4) p1 = combine(operation, p1, lastTerm(kind, x + 16, shift, none, rest - 4));
  if (rest > 8) p2 = combine(operation, p2, lastTerm(kind, x + 32, shift, none, rest - 8));
  if (rest > 12) p3 = combine(operation, p3, lastTerm(kind, x + 48, shift, none, rest - 12));
  return acrossLanes(operation, combine(operation, combine(operation, p0, p1), combine(operation, p2, p3)));
}

/** As in ./scalar.ts, in every lane. */
export function sumF32(n: i32, x: usize): v128 {
  return line(kinds.SUM, n, x, i32x4.splat(0));
}

/** As in ./scalar.ts, in every lane. */
export function sumOfSquaresF32(n: i32, x: usize, mean: v128): v128 {
  return line(kinds.SUM_SQUARE, n, x, mean);
}
