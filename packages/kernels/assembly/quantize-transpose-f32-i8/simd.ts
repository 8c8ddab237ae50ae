import { quantizeF32I8 } from '../quantize-f32-i8/simd';
import { lowReal, magicOffset, narrow16, settle4 } from '../requantize/simd';
import { saturate } from '../requantize/scalar';

/** As ./scalar.ts, bit for bit. Three channels, the colours of an image, are interleaved in registers. */
export function quantizeTransposeF32I8(
  batch: i32, channels: i32, pixels: i32, x: usize, y: usize, scale: f32, zero: i32, low: i32, high: i32,
): void {
  if (channels == 1) {
    quantizeF32I8(batch * pixels, x, y, scale, zero, low, high);
    return;
  }
  for (let image = 0; image < batch; image++) {
    if (channels == 3) colours(pixels, x, y, scale, zero, low, high);
    else for (let channel = 0; channel < channels; channel++) {
      plane(pixels, x + (channel * pixels << 2), channels, y + channel, scale, zero, low, high);
    }
    x += channels * pixels << 2;
    y += channels * pixels;
  }
}

/** Three planes to pixels of three bytes. */
function colours(pixels: i32, x: usize, y: usize, scale: f32, zero: i32, low: i32, high: i32): void {
  const scales = f32x4.splat(scale);
  const least = lowReal(low, zero);
  const most = i8x16.splat(<i8>high);
  const offset = magicOffset(zero);
  const planeBytes = pixels << 2;
  let pixel = 0;
  if (pixels >= 16) {
    do {
      const r = sixteen(x, scales, least, offset, most);
      const g = sixteen(x + planeBytes, scales, least, offset, most);
      const b = sixteen(x + planeBytes + planeBytes, scales, least, offset, most);
      // Red and green into their places first (16 and up is green, b has none yet), then blue between them.
      const rg0 = i8x16.shuffle(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
      const rg1 = i8x16.shuffle(r, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
      const rg2 = i8x16.shuffle(r, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
      v128.store(y, i8x16.shuffle(rg0, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
      v128.store(y, i8x16.shuffle(rg1, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16);
      v128.store(y, i8x16.shuffle(rg2, b, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32);
      x += 64;
      y += 48;
      pixel += 16;
    } while (pixel + 16 <= pixels);
  }
  for (let channel = 0; channel < 3; channel++) {
    plane(pixels - pixel, x + channel * planeBytes, 3, y + channel, scale, zero, low, high);
  }
}

@inline
function sixteen(x: usize, scales: v128, least: v128, offset: v128, most: v128): v128 {
  return narrow16(
    settle4(f32x4.div(v128.load(x), scales), least, offset),
    settle4(f32x4.div(v128.load(x, 16), scales), least, offset),
    settle4(f32x4.div(v128.load(x, 32), scales), least, offset),
    settle4(f32x4.div(v128.load(x, 48), scales), least, offset),
    most,
  );
}

/** One plane to every `step`-th byte. */
function plane(pixels: i32, x: usize, step: i32, y: usize, scale: f32, zero: i32, low: i32, high: i32): void {
  const scales = f32x4.splat(scale);
  const least = lowReal(low, zero);
  const most = i8x16.splat(<i8>high);
  const offset = magicOffset(zero);
  for (; pixels >= 16; pixels -= 16) {
    scatter(sixteen(x, scales, least, offset, most), y, step);
    x += 64;
    y += step << 4;
  }
  for (; pixels > 0; pixels--) {
    store<i8>(y, <i8>saturate(load<f32>(x) / scale, zero, low, high));
    x += 4;
    y += step;
  }
}

function scatter(bytes: v128, y: usize, step: i32): void {
  let low = i64x2.extract_lane(bytes, 0);
  let high = i64x2.extract_lane(bytes, 1);
  const far = y + (step << 3);
  for (let i = 0; i < 8; i++) {
    store<u8>(y, <u8>low);
    store<u8>(far + (i * step), <u8>high);
    low >>= 8;
    high >>= 8;
    y += step;
  }
}
