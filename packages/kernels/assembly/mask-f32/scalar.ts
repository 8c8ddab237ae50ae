/** y = x where the mask is all ones, 0 where it is 0. mask: n words. y may be x. */
export function maskF32(n: i32, x: usize, mask: usize, y: usize): void {
  assert(n >= 0);
  for (let i = 0; i < n << 2; i += 4) store<u32>(y + i, load<u32>(x + i) & load<u32>(mask + i));
}
