/** Bytes from which memory.copy, a call in V8, beats a loop of 16 bytes. */
const LONG: i32 = 512;

/** As ./scalar.ts. Reads no byte beside the rows: the last bytes of a row are copied with those before them. */
export function gatherRows(rows: i32, bytes: i32, table: usize, x: usize, fill: usize, y: usize): void {
  const end = table + (rows << 2);
  if (bytes == 1) {
    for (; table < end; table += 4) store<u8>(y++, load<u8>(source(table, x, fill)));
  } else if (bytes < 4) {
    for (; table < end; table += 4) {
      const from = source(table, x, fill);
      store<u16>(y, load<u16>(from));
      if (bytes == 3) store<u8>(y, load<u8>(from, 2), 2);
      y += bytes;
    }
  } else if (bytes < 8) {
    for (; table < end; table += 4) {
      const from = source(table, x, fill);
      const last = load<u32>(from + bytes - 4);
      store<u32>(y, load<u32>(from));
      store<u32>(y + bytes - 4, last);
      y += bytes;
    }
  } else if (bytes < 16) {
    for (; table < end; table += 4) {
      const from = source(table, x, fill);
      const last = load<u64>(from + bytes - 8);
      store<u64>(y, load<u64>(from));
      store<u64>(y + bytes - 8, last);
      y += bytes;
    }
  } else if (bytes < LONG) {
    for (; table < end; table += 4) {
      const from = source(table, x, fill);
      const last = bytes - 16;
      let i = 0;
      do {
        v128.store(y + i, v128.load(from + i));
        i += 16;
      } while (i < last);
      v128.store(y + last, v128.load(from + last));
      y += bytes;
    }
  } else {
    for (; table < end; table += 4) {
      memory.copy(y, source(table, x, fill), bytes);
      y += bytes;
    }
  }
}

@inline
function source(entry: usize, x: usize, fill: usize): usize {
  const offset = load<u32>(entry);
  return offset == 0xffffffff ? fill : x + offset;
}
