import { saturate } from '../requantize/scalar';

/**
 * Softmax of int8 codes along the middle axis of [outer, length, inner], to int8:
 *
 * q = saturate(roundHalfEven(f32(exp((x - largest) * xScale) / sum / yScale)) + yZero, -128, 127)
 *
 * Exponentials, sum and quotients are float64, summed in order; what is rounded to an integer was rounded to float32
 * before. exponentials: 256 float64, entry d is exp(-d * xScale). y may be x.
 *
 * This twin is the fast one too: the quotients of float64 take most of the time.
 */
export function softmaxI8(
  outer: i32, length: i32, inner: i32, x: usize, y: usize, exponentials: usize, yScale: f32, yZero: i32,
): void {
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < inner; i++) row(length, inner, x + i, y + i, exponentials, yScale, yZero);
    x += length * inner;
    y += length * inner;
  }
}

function row(length: i32, step: i32, x: usize, y: usize, exponentials: usize, yScale: f32, yZero: i32): void {
  let largest = -128;
  for (let i = 0; i < length; i++) largest = max<i32>(largest, load<i8>(x + i * step));
  let sum: f64 = 0;
  for (let i = 0; i < length; i++) sum += load<f64>(exponentials + (largest - load<i8>(x + i * step) << 3));
  for (let i = 0; i < length; i++) {
    const part = load<f64>(exponentials + (largest - load<i8>(x + i * step) << 3)) / sum;
    store<i8>(y + i * step, <i8>saturate(<f32>(part / <f64>yScale), yZero, -128, 127));
  }
}
