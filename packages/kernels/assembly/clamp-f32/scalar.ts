import { clampF32One } from '../gemm-f32/scalar';

/** y = min(max(x, low), high) over n floats; NaN stays NaN; y may be x. */
export function clampF32(n: i32, x: usize, y: usize, low: f32, high: f32): void {
  assert(n >= 0);
  for (let i = 0; i < n; i++) store<f32>(y + (i << 2), clampF32One(load<f32>(x + (i << 2)), low, high));
}
