import { expOne, logOne } from '../math-f32/scalar';

/** The four partial sums of a line. */
const SUMS = memory.data(16);

/**
 * Softmax over the middle axis of x [outer, length, inner], or its logarithm: y = e^(x - max) / sum, or
 * x - max - ln(sum). y may be x.
 *
 * The order of the sum: for inner 1, elements are added to four sums in turn, which then make (s0 + s1) + (s2 + s3); else
 * in the order of the axis. A line with NaN or +infinity, or of -infinity alone, becomes NaN.
 */
export function softmaxF32(outer: i32, length: i32, inner: i32, x: usize, y: usize, logarithm: i32): void {
  assert(outer >= 0 && length >= 0 && inner >= 0);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (o * length * inner + i) << 2;
      line(length, inner << 2, x + at, y + at, logarithm, inner == 1 ? 3 : 0);
    }
  }
}

/** turns: index of the last of the sums that are used in turn. */
function line(length: i32, stride: i32, x: usize, y: usize, logarithm: i32, turns: i32): void {
  let most: f32 = -Infinity;
  for (let i = 0; i < length; i++) {
    const value = load<f32>(x + i * stride);
    if (most < value) most = value;
  }
  for (let lane = 0; lane < 4; lane++) store<f32>(SUMS + (lane << 2), 0);
  for (let i = 0; i < length; i++) {
    const sum = SUMS + ((i & turns) << 2);
    store<f32>(sum, load<f32>(sum) + expOne(load<f32>(x + i * stride) - most));
  }
  const total = load<f32>(SUMS) + load<f32>(SUMS, 4) + (load<f32>(SUMS, 8) + load<f32>(SUMS, 12));
  const log = logOne(total);
  for (let i = 0; i < length; i++) {
    const shifted = load<f32>(x + i * stride) - most;
    store<f32>(y + i * stride, logarithm ? shifted - log : expOne(shifted) / total);
  }
}
