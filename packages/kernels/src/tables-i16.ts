/*
 * Tables of TensorFlow Lite's kernels for int16, computed. Nothing of the host is called whose last bit may differ: the same
 * tables everywhere.
 */

const STEPS = 512;

/** exp(x) for |x| <= 64, to some 1e-14. */
function exp(x: number): number {
  // exp(x / 64)^64, the inner one by its series.
  const small = x / 64;
  let result = 1;
  for (let i = 14; i >= 1; i--) result = 1 + (result * small) / i;
  for (let i = 0; i < 6; i++) result *= result;
  return result;
}

function roundHalfAway(x: number): number {
  return x < 0 ? -Math.floor(0.5 - x) : Math.floor(x + 0.5);
}

/**
 * 256 points of the logistic function, at multiples of 1/24, in units of 2^-16: each a little above it, by half of what a
 * straight line to the next one misses in the middle. The last one is the largest uint16.
 *
 * @see sigmoid_table_uint16 in tensorflow/lite/kernels/internal/common.h
 */
export function sigmoidTable(): Uint16Array {
  const logistic = (point: number): number => 65536 / (1 + exp(-point / 24));
  const table = Uint16Array.from({ length: 256 }, (_, i) => {
    const missed = logistic(i + 0.5) - (logistic(i) + logistic(i + 1)) / 2;
    return roundHalfAway(logistic(i) + missed / 2);
  });
  table[255] = 0xffff;
  return table;
}

/** Scales within this factor of a power of two count as one. @see CheckedLog2 in tensorflow/lite/kernels/internal/quantization_util.cc */
const NEAR = 1.0006933874625807;

/** Whether TensorFlow Lite takes a scale for this power of two. */
export function isNearPower(scale: number, exponent: number): boolean {
  const ratio = scale * 2 ** -exponent;
  return ratio < NEAR && ratio > 1 / NEAR;
}

/**
 * What `sigmoidI16` and `tanhI16` multiply codes with; null for scales that no multiplier of 15 bits reaches. A scale of 2^-12, and
 * for the tangent of 2^-11, is a whole number of units.
 *
 * @see LogisticPrepare in tensorflow/lite/micro/kernels/logistic_common.cc
 */
export function sigmoidScale(
  scale: number,
  isTanh: boolean,
): { readonly multiplier: number; readonly shift: number } | null {
  if (isNearPower(scale, -12)) return { multiplier: 3, shift: 0 };
  if (isTanh && isNearPower(scale, -11)) return { multiplier: 6, shift: 0 };
  let multiplier = scale * 4096 * 3;
  let shift = 0;
  while (multiplier <= 32767 / 2 && shift <= 30) {
    shift++;
    multiplier *= 2;
  }
  // 32768 codes by 32767 and half a unit fit int32.
  return multiplier <= 32767 ? { multiplier: Math.trunc(multiplier), shift } : null;
}

/** exp of 0 to -10 in 512 steps, in units of 2^-15. */
export function exponentialTable(): Int16Array {
  return linesThrough(10, 2 ** 15 - 1, (x) => Math.fround(exp(x)));
}

/** 1 / (1 + x) for x from 0 to 1 in 512 steps, in units of 2^-15. */
export function reciprocalTable(): Int16Array {
  return linesThrough(1, -(2 ** 15), (x) => Math.fround(1 / Math.fround(1 + x)));
}

/**
 * 513 points of a function of int16 in [input, input + range], each moved by half of what a straight line to the next one
 * misses in the middle. In float32, step by step.
 *
 * @see LUTPopulateInt16 in tensorflow/lite/kernels/internal/common.h
 */
function linesThrough(range: number, zeroPoint: number, transform: (x: number) => number): Int16Array {
  const f = Math.fround;
  const scale = f(f(range) / 65535);
  const first = f(scale * (-32768 - zeroPoint));
  const last = f(scale * (32767 - zeroPoint));
  const outputScale = f(2 / 65535);
  const unit = f(65536 / f(f(outputScale * 32767) - f(outputScale * -32768)));
  const step = f(f(last - first) / STEPS);
  const valueAt = (x: number): number => f(transform(x) * unit);
  const held = (x: number): number => Math.min(Math.max(x, -32768), 32767);
  return Int16Array.from({ length: STEPS + 1 }, (_, i) => {
    if (i === STEPS) return held(roundHalfAway(valueAt(last)));
    const x = f(first + f(i * step));
    const value = roundHalfAway(valueAt(x));
    const next = valueAt(f(first + f((i + 1) * step)));
    const middle = roundHalfAway(f(f(next + value) / 2));
    const missed = middle - roundHalfAway(valueAt(f(x + f(step / 2))));
    return held(value - roundHalfAway(missed / 2));
  });
}
