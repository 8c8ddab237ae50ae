import { Geometry, panelBytesF32 } from '../geometry';
import { storeF32Pair, zeroFill } from '../lanes';
import { listTaps } from '../taps';

/**
 * As ./scalar.ts, bit for bit. For each output pixel the addresses of its taps are listed, then eight
 * channels at a time go over the list. Reads up to 28 bytes past the image.
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

/** All channels of one output pixel. */
function pixel(
  list: usize, end: usize, channels: i32, panel: usize, panelBytes: i32, y: usize, least: v128, most: v128,
): void {
  for (let channel = 0; channel < channels; channel += 8) {
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
    s0 = f32x4.min(f32x4.max(s0, least), most);
    s1 = f32x4.min(f32x4.max(s1, least), most);
    if (channels - channel >= 8) {
      v128.store(y + offset, s0);
      v128.store(y + offset, s1, 16);
    } else {
      storeF32Pair(y + offset, s0, s1, channels - channel);
    }
    panel += panelBytes;
  }
}
