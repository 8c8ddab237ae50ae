import { storeF32 } from '../lanes';
import { START_BYTES, TAP_BYTES } from './scalar';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past x. Two taps, what linear interpolation has, keep to registers. */
export function resampleF32(
  outer: i32, length: i32, count: i32, inner: i32, taps: i32, table: usize, x: usize, y: usize,
): void {
  const innerBytes = inner << 2;
  for (let o = 0; o < outer; o++) {
    let entry = table;
    for (let i = 0; i < count; i++) {
      if (load<i32>(entry, START_BYTES) < 0) mix(entry, 0, inner, innerBytes, x, y);
      else if (taps == 2) mixTwo(entry, inner, innerBytes, x, y);
      else mix(entry, taps, inner, innerBytes, x, y);
      entry += START_BYTES + taps * TAP_BYTES;
      y += innerBytes;
    }
    x += length * innerBytes;
  }
}

function mixTwo(entry: usize, inner: i32, innerBytes: i32, x: usize, y: usize): void {
  const start = v128.load32_splat(entry);
  const w0 = v128.load32_splat(entry, START_BYTES + 4);
  const w1 = v128.load32_splat(entry, START_BYTES + TAP_BYTES + 4);
  let x0 = x + load<i32>(entry, START_BYTES) * innerBytes;
  let x1 = x + load<i32>(entry, START_BYTES + TAP_BYTES) * innerBytes;
  for (; inner > 0; inner -= 4) {
    const first = f32x4.add(start, f32x4.mul(w0, v128.load(x0)));
    const sum = f32x4.add(first, f32x4.mul(w1, v128.load(x1)));
    if (inner >= 4) v128.store(y, sum);
    else storeF32(y, sum, inner);
    x0 += 16;
    x1 += 16;
    y += 16;
  }
}

function mix(entry: usize, taps: i32, inner: i32, innerBytes: i32, x: usize, y: usize): void {
  const end = entry + START_BYTES + taps * TAP_BYTES;
  for (; inner > 0; inner -= 4) {
    let sum = v128.load32_splat(entry);
    for (let tap = entry + START_BYTES; tap < end; tap += TAP_BYTES) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(tap, 4), v128.load(x + load<i32>(tap) * innerBytes)));
    }
    if (inner >= 4) v128.store(y, sum);
    else storeF32(y, sum, inner);
    x += 16;
    y += 16;
  }
}
