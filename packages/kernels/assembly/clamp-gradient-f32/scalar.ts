/**
 * The gradient of a clamp: dx = dy where low < y < high, else 0. y is what the clamp gave, so a value at a bound counts
 * as cut off. dx may be dy.
 */
export function clampGradientF32(n: i32, y: usize, dy: usize, dx: usize, low: f32, high: f32): void {
  assert(n >= 0);
  for (let i = 0; i < n << 2; i += 4) {
    const value = load<f32>(y + i);
    store<f32>(dx + i, value > low && value < high ? load<f32>(dy + i) : 0);
  }
}
