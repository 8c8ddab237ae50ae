/** y = f32(q - zero) * scale over n int8: ONNX DequantizeLinear. */
export function dequantizeI8F32(n: i32, x: usize, y: usize, scale: f32, zero: i32): void {
  for (let i = 0; i < n; i++) store<f32>(y + (i << 2), <f32>(<i32>load<i8>(x + i) - zero) * scale);
}
