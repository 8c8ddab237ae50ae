/** y = f32(q - zero) * scale over n int16. */
export function dequantizeI16F32(n: i32, x: usize, y: usize, scale: f32, zero: i32): void {
  for (let i = 0; i < n; i++) store<f32>(y + (i << 2), <f32>(<i32>load<i16>(x + (i << 1)) - zero) * scale);
}
