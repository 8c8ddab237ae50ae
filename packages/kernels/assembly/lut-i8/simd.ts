/**
 * As ./scalar.ts, eight bytes from one load. Sixteen swizzles over sixteen parts of the table would take as
 * many instructions.
 */
export function lutI8(n: i32, x: usize, table: usize, y: usize): void {
  while (n >= 8) {
    const at = load<u64>(x) ^ 0x8080808080808080;
    store<u8>(y, load<u8>(table + <usize>(at & 255)));
    store<u8>(y, load<u8>(table + <usize>(at >> 8 & 255)), 1);
    store<u8>(y, load<u8>(table + <usize>(at >> 16 & 255)), 2);
    store<u8>(y, load<u8>(table + <usize>(at >> 24 & 255)), 3);
    store<u8>(y, load<u8>(table + <usize>(at >> 32 & 255)), 4);
    store<u8>(y, load<u8>(table + <usize>(at >> 40 & 255)), 5);
    store<u8>(y, load<u8>(table + <usize>(at >> 48 & 255)), 6);
    store<u8>(y, load<u8>(table + <usize>(at >> 56)), 7);
    x += 8;
    y += 8;
    n -= 8;
  }
  for (let i = 0; i < n; i++) store<u8>(y + i, load<u8>(table + (<usize>load<u8>(x + i) ^ 128)));
}
