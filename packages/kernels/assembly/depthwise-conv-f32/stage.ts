import { Geometry } from '../geometry';

/**
 * Copies channels of an input row so that neighbouring columns are neighbours: for each four channels, all columns,
 * 16 bytes each. What is left and right of the image is zero before and stays so.
 *
 * from: the first channel of the first pixel. groups: how many times four channels. columns: what the copy has room
 * for, pads included. Reads up to 12 bytes past the row.
 */
export function stageRow(g: Geometry, from: usize, groups: i32, columns: i32, to: usize): void {
  const pixelBytes = g.inputChannels << 2;
  const groupBytes = columns << 4;
  const count = min(g.inputWidth, columns - g.padLeft);
  to += g.padLeft << 4;
  let group = 0;
  // 16 channels at a time, a cache line where pixels start on one.
  for (; group + 4 <= groups; group += 4) {
    let at = from;
    let t0 = to;
    for (let i = 0; i < count; i++) {
      const t1 = t0 + groupBytes;
      const t2 = t1 + groupBytes;
      v128.store(t0, v128.load(at));
      v128.store(t1, v128.load(at, 16));
      v128.store(t2, v128.load(at, 32));
      v128.store(t2 + groupBytes, v128.load(at, 48));
      at += pixelBytes;
      t0 += 16;
    }
    from += 64;
    to += groupBytes << 2;
  }
  for (; group < groups; group++) {
    let at = from;
    for (let i = 0; i < count; i++) {
      v128.store(to + (i << 4), v128.load(at));
      at += pixelBytes;
    }
    from += 16;
    to += groupBytes;
  }
}
