import { clamp4, storeF32 } from '../lanes';
import { mulAdd } from '../mul-add';

/*
 * A tile: neighbouring output pixels, all channels of a block, four at a time. Sums share inputs and weights.
 *
 * list .. endList: u32 addresses of the staged kernel rows. offset: bytes from there to the first input of the tile;
 * neighbouring columns are 16 bytes apart, the next four channels groupBytes. bias: the first panel of 8 channels,
 * panelBytes to the next. y: the first output pixel, yStep bytes from one to the
 * next; `pixels` of them are stored, or all, and `channels` channels.
 */

/** Three taps a row, stride 1: 6 inputs and 3 weights for the 12 products of four pixels. */
export function tile3(
  list: usize, endList: usize, offset: i32, groupBytes: i32, bias: usize, panelBytes: i32, y: usize, yStep: i32,
  pixels: i32, channels: i32, low: f32, high: f32,
): void {
  let second = false;
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (; channels > 0; channels -= 4) {
    let s0 = v128.load(bias);
    let s1 = s0, s2 = s0, s3 = s0;
    let panel = bias;
    for (let row = list; row < endList; row += 4) {
      const x = <usize>load<u32>(row) + offset;
      const w0 = v128.load(panel, 32);
      const w1 = v128.load(panel, 64);
      const w2 = v128.load(panel, 96);
      const x0 = v128.load(x);
      const x1 = v128.load(x, 16);
      const x2 = v128.load(x, 32);
      const x3 = v128.load(x, 48);
      const x4 = v128.load(x, 64);
      const x5 = v128.load(x, 80);
      s0 = mulAdd(x0, w0, s0);
      s0 = mulAdd(x1, w1, s0);
      s1 = mulAdd(x1, w0, s1);
      s0 = mulAdd(x2, w2, s0);
      s1 = mulAdd(x2, w1, s1);
      s2 = mulAdd(x2, w0, s2);
      s1 = mulAdd(x3, w2, s1);
      s2 = mulAdd(x3, w1, s2);
      s3 = mulAdd(x3, w0, s3);
      s2 = mulAdd(x4, w2, s2);
      s3 = mulAdd(x4, w1, s3);
      s3 = mulAdd(x5, w2, s3);
      panel += 96;
    }
    storeTile(
      y, yStep, pixels, channels, clamp4(s0, least, most), clamp4(s1, least, most), clamp4(s2, least, most),
      clamp4(s3, least, most),
    );
    y += 16;
    offset += groupBytes;
    // The other half of the panel, or the next panel.
    bias += second ? panelBytes - 16 : 16;
    second = !second;
  }
}

/** Three taps a row, stride 2: 7 inputs and 3 weights for three pixels; those of a fourth do not fit the registers. */
export function tile3Stride2(
  list: usize, endList: usize, offset: i32, groupBytes: i32, bias: usize, panelBytes: i32, y: usize, yStep: i32,
  pixels: i32, channels: i32, low: f32, high: f32,
): void {
  let second = false;
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (; channels > 0; channels -= 4) {
    let s0 = v128.load(bias);
    let s1 = s0, s2 = s0;
    let panel = bias;
    for (let row = list; row < endList; row += 4) {
      const x = <usize>load<u32>(row) + offset;
      const w0 = v128.load(panel, 32);
      const w1 = v128.load(panel, 64);
      const w2 = v128.load(panel, 96);
      const x0 = v128.load(x);
      const x1 = v128.load(x, 16);
      const x2 = v128.load(x, 32);
      const x3 = v128.load(x, 48);
      const x4 = v128.load(x, 64);
      const x5 = v128.load(x, 80);
      const x6 = v128.load(x, 96);
      s0 = mulAdd(x0, w0, s0);
      s0 = mulAdd(x1, w1, s0);
      s0 = mulAdd(x2, w2, s0);
      s1 = mulAdd(x2, w0, s1);
      s1 = mulAdd(x3, w1, s1);
      s1 = mulAdd(x4, w2, s1);
      s2 = mulAdd(x4, w0, s2);
      s2 = mulAdd(x5, w1, s2);
      s2 = mulAdd(x6, w2, s2);
      panel += 96;
    }
    storeTile(
      y, yStep, pixels, channels, clamp4(s0, least, most), clamp4(s1, least, most), clamp4(s2, least, most),
      s2,
    );
    y += 16;
    offset += groupBytes;
    // The other half of the panel, or the next panel.
    bias += second ? panelBytes - 16 : 16;
    second = !second;
  }
}

/** Five taps a row, stride 1: 8 inputs and 5 weights for the 20 products of four pixels. */
export function tile5(
  list: usize, endList: usize, offset: i32, groupBytes: i32, bias: usize, panelBytes: i32, y: usize, yStep: i32,
  pixels: i32, channels: i32, low: f32, high: f32,
): void {
  let second = false;
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (; channels > 0; channels -= 4) {
    let s0 = v128.load(bias);
    let s1 = s0, s2 = s0, s3 = s0;
    let panel = bias;
    for (let row = list; row < endList; row += 4) {
      const x = <usize>load<u32>(row) + offset;
      const w0 = v128.load(panel, 32);
      const w1 = v128.load(panel, 64);
      const w2 = v128.load(panel, 96);
      const w3 = v128.load(panel, 128);
      const w4 = v128.load(panel, 160);
      const x0 = v128.load(x);
      const x1 = v128.load(x, 16);
      const x2 = v128.load(x, 32);
      const x3 = v128.load(x, 48);
      const x4 = v128.load(x, 64);
      const x5 = v128.load(x, 80);
      const x6 = v128.load(x, 96);
      const x7 = v128.load(x, 112);
      s0 = mulAdd(x0, w0, s0);
      s0 = mulAdd(x1, w1, s0);
      s1 = mulAdd(x1, w0, s1);
      s0 = mulAdd(x2, w2, s0);
      s1 = mulAdd(x2, w1, s1);
      s2 = mulAdd(x2, w0, s2);
      s0 = mulAdd(x3, w3, s0);
      s1 = mulAdd(x3, w2, s1);
      s2 = mulAdd(x3, w1, s2);
      s3 = mulAdd(x3, w0, s3);
      s0 = mulAdd(x4, w4, s0);
      s1 = mulAdd(x4, w3, s1);
      s2 = mulAdd(x4, w2, s2);
      s3 = mulAdd(x4, w1, s3);
      s1 = mulAdd(x5, w4, s1);
      s2 = mulAdd(x5, w3, s2);
      s3 = mulAdd(x5, w2, s3);
      s2 = mulAdd(x6, w4, s2);
      s3 = mulAdd(x6, w3, s3);
      s3 = mulAdd(x7, w4, s3);
      panel += 160;
    }
    storeTile(
      y, yStep, pixels, channels, clamp4(s0, least, most), clamp4(s1, least, most), clamp4(s2, least, most),
      clamp4(s3, least, most),
    );
    y += 16;
    offset += groupBytes;
    // The other half of the panel, or the next panel.
    bias += second ? panelBytes - 16 : 16;
    second = !second;
  }
}

/** Any number of taps a row, `tapStep` bytes apart, of four pixels `stride` bytes apart. */
export function tileAny(
  taps: i32, tapStep: i32, stride: i32,
  list: usize, endList: usize, offset: i32, groupBytes: i32, bias: usize, panelBytes: i32, y: usize, yStep: i32,
  pixels: i32, channels: i32, low: f32, high: f32,
): void {
  let second = false;
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (; channels > 0; channels -= 4) {
    let s0 = v128.load(bias);
    let s1 = s0, s2 = s0, s3 = s0;
    let panel = bias;
    for (let row = list; row < endList; row += 4) {
      let x0 = <usize>load<u32>(row) + offset;
      for (let tap = 0; tap < taps; tap++) {
        panel += 32;
        const w = v128.load(panel);
        const x1 = x0 + stride;
        const x2 = x1 + stride;
        s0 = mulAdd(v128.load(x0), w, s0);
        s1 = mulAdd(v128.load(x1), w, s1);
        s2 = mulAdd(v128.load(x2), w, s2);
        s3 = mulAdd(v128.load(x2 + stride), w, s3);
        x0 += tapStep;
      }
    }
    storeTile(
      y, yStep, pixels, channels, clamp4(s0, least, most), clamp4(s1, least, most), clamp4(s2, least, most),
      clamp4(s3, least, most),
    );
    y += 16;
    offset += groupBytes;
    // The other half of the panel, or the next panel.
    bias += second ? panelBytes - 16 : 16;
    second = !second;
  }
}

/** Stores the first `channels` of the first `pixels` pixels; of each at most four. */
@inline
function storeTile(y: usize, yStep: i32, pixels: i32, channels: i32, s0: v128, s1: v128, s2: v128, s3: v128): void {
  if (channels >= 4) {
    v128.store(y, s0);
    if (pixels > 1) v128.store(y + yStep, s1);
    if (pixels > 2) v128.store(y + yStep * 2, s2);
    if (pixels > 3) v128.store(y + yStep * 3, s3);
  } else {
    storeF32(y, s0, channels);
    if (pixels > 1) storeF32(y + yStep, s1, channels);
    if (pixels > 2) storeF32(y + yStep * 2, s2, channels);
    if (pixels > 3) storeF32(y + yStep * 3, s3, channels);
  }
}
