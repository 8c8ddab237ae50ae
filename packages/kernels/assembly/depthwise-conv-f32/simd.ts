import { Geometry, panelBytesF32 } from '../geometry';
import { clamp4, storeF32Pair, zeroFill } from '../lanes';
import { listTaps } from '../taps';

/**
 * As ./scalar.ts, bit for bit. For each output pixel the addresses of its taps are listed, then the
 * channels go over the list. Reads up to 28 bytes past the image.
 *
 * scratch: `depthwiseScratchBytes` bytes, 16 byte aligned: a row of zeros, then the list.
 */
export function depthwiseConvF32(
  geometry: usize, x: usize, w: usize, y: usize, low: f32, high: f32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const taps = g.kernelHeight * g.kernelWidth;
  const zerosBytes = (channels * 4 + 31) & ~31;
  const list = scratch + zerosBytes;
  const imageBytes = (g.inputHeight * g.inputWidth * channels) << 2;
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  zeroFill(scratch, zerosBytes);
  for (let image = 0; image < g.batch; image++) {
    for (let oy = 0; oy < g.outputHeight; oy++) {
      for (let ox = 0; ox < g.outputWidth; ox++) {
        listTaps(g, x + image * imageBytes, 2, oy, ox, scratch, list);
        pixel(list, list + (taps << 2), channels, w, panelBytesF32(taps), y, least, most);
        y += channels << 2;
      }
    }
  }
}

/** All channels of one output pixel: sixteen at a time, so that walking the list costs little, then eight. */
function pixel(
  list: usize, end: usize, channels: i32, panel: usize, panelBytes: i32, y: usize, least: v128, most: v128,
): void {
  let channel = 0;
  for (; channel + 16 <= channels; channel += 16) {
    const second = panel + panelBytes;
    let s0 = v128.load(panel);
    let s1 = v128.load(panel, 16);
    let s2 = v128.load(second);
    let s3 = v128.load(second, 16);
    let w0 = panel;
    let w1 = second;
    const offset = channel << 2;
    for (let tap = list; tap < end; tap += 4) {
      const from = <usize>load<u32>(tap) + offset;
      s0 = f32x4.add(s0, f32x4.mul(v128.load(from), v128.load(w0, 32)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(from, 16), v128.load(w0, 48)));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(from, 32), v128.load(w1, 32)));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(from, 48), v128.load(w1, 48)));
      w0 += 32;
      w1 += 32;
    }
    v128.store(y + offset, clamp4(s0, least, most));
    v128.store(y + offset, clamp4(s1, least, most), 16);
    v128.store(y + offset, clamp4(s2, least, most), 32);
    v128.store(y + offset, clamp4(s3, least, most), 48);
    panel = second + panelBytes;
  }
  for (; channel < channels; channel += 8) {
    let s0 = v128.load(panel);
    let s1 = v128.load(panel, 16);
    let weight = panel;
    const offset = channel << 2;
    for (let tap = list; tap < end; tap += 4) {
      const from = <usize>load<u32>(tap) + offset;
      s0 = f32x4.add(s0, f32x4.mul(v128.load(from), v128.load(weight, 32)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(from, 16), v128.load(weight, 48)));
      weight += 32;
    }
    storeF32Pair(y + offset, clamp4(s0, least, most), clamp4(s1, least, most), channels - channel);
    panel += panelBytes;
  }
}
