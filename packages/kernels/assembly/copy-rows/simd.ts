import { storeBytes } from '../lanes';

/** Rows from which memory.copy, a call in V8, beats a loop of 16 bytes. */
const LONG: i32 = 512;

/** As ./scalar.ts. Reads up to 15 bytes past a row. */
export function copyRows(rows: i32, bytes: i32, x: usize, xStride: i32, y: usize, yStride: i32): void {
  for (let row = 0; row < rows; row++) {
    if (bytes >= LONG) {
      memory.copy(y, x, bytes);
    } else {
      for (let i = 0; i < bytes; i += 16) {
        if (bytes - i >= 16) v128.store(y + i, v128.load(x + i));
        else storeBytes(y + i, v128.load(x + i), bytes - i);
      }
    }
    x += xStride;
    y += yStride;
  }
}
