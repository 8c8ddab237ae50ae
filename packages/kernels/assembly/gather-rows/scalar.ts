/**
 * Copies `rows` rows of `bytes` bytes to y, one after the other, each from its own place: Slice, Pad, Transpose, Resize to
 * the nearest, and whatever else moves elements in a way that only shapes decide.
 *
 * table: for each row the bytes from x to its source (u32), or 0xffffffff for the row at `fill`.
 */
export function gatherRows(rows: i32, bytes: i32, table: usize, x: usize, fill: usize, y: usize): void {
  assert(rows >= 0 && bytes >= 0);
  for (let row = 0; row < rows; row++) {
    const offset = load<u32>(table + (row << 2));
    const from = offset == 0xffffffff ? fill : x + offset;
    for (let i = 0; i < bytes; i++) store<u8>(y + row * bytes + i, load<u8>(from + i));
  }
}
