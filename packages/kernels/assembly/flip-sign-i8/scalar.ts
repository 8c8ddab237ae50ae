/**
 * y = x xor 0x80 over n bytes: uint8 to int8 and back. With the zero point moved by 128 too the real values
 * stay, so no other kernel needs a uint8 form. y may be x.
 */
export function flipSignI8(n: i32, x: usize, y: usize): void {
  for (let i = 0; i < n; i++) store<u8>(y + i, load<u8>(x + i) ^ 0x80);
}
