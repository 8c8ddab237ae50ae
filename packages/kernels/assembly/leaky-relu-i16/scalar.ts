import { Scale } from '../requantize/scale';
import { clampCode, scaled } from '../requantize/scale-scalar';

/**
 * y = x >= 0 ? scaled(x, above) : sign * scaled(x, below), zero points being 0: TensorFlow Lite's LEAKY_RELU.
 *
 * sign: 1, or -1 where alpha is below 0. above, below: addresses of a Scale.
 */
export function leakyReluI16(n: i32, x: usize, y: usize, above: usize, below: usize, sign: i32): void {
  assert(sign == 1 || sign == -1);
  for (let i = 0; i < n; i++) {
    const value = <i32>load<i16>(x + (i << 1));
    const result = value >= 0 ? scaled(value, changetype<Scale>(above)) : sign * scaled(value, changetype<Scale>(below));
    store<i16>(y + (i << 1), <i16>clampCode(result, 0, -32768, 32767));
  }
}
