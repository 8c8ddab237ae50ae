/** y = value, n times. */
export function fillF32(n: i32, value: f32, y: usize): void {
  assert(n >= 0);
  for (let i = 0; i < n << 2; i += 4) store<f32>(y + i, value);
}
