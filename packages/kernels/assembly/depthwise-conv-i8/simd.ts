import { Geometry, panelBytesI16 } from '../geometry';
import { storeBytes } from '../lanes';
import { highBound, lowBound, narrow8, requantize4, zeroOffset } from '../requantize/simd';
import { listTaps } from '../taps';

/**
 * As ./scalar.ts, bit for bit. Taps go in pairs: the values of two taps are interleaved by channel, so
 * that one dot product adds both. Reads up to 7 bytes past the image.
 *
 * scratch: `depthwiseScratchBytes` bytes, 16 byte aligned: a row of the zero point, then the list of taps.
 */
export function depthwiseConvI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.outputChannels;
  const taps = g.kernelHeight * g.kernelWidth;
  const paddingBytes = (channels + 15) & ~15;
  const list = scratch + paddingBytes;
  const imageBytes = g.inputHeight * g.inputWidth * channels;
  const zeros = i16x8.splat(<i16>xZero);
  const low = lowBound(yLow, yZero);
  const high = highBound(yHigh, yZero);
  const offset = zeroOffset(yZero);
  for (let i = 0; i < paddingBytes; i += 16) v128.store(scratch + i, i8x16.splat(<i8>xZero));
  // The partner of an odd last tap; its packed weight is 0.
  store<u32>(list + (taps << 2), <u32>scratch);
  const end = list + (((taps + 1) & ~1) << 2);
  for (let image = 0; image < g.batch; image++) {
    for (let oy = 0; oy < g.outputHeight; oy++) {
      for (let ox = 0; ox < g.outputWidth; ox++) {
        listTaps(g, x + image * imageBytes, 0, oy, ox, scratch, list);
        pixel(list, end, channels, w, panelBytesI16(taps), y, zeros, low, high, offset);
        y += channels;
      }
    }
  }
}

/** All channels of one output pixel. */
function pixel(
  list: usize, end: usize, channels: i32, panel: usize, panelBytes: i32, y: usize,
  zeros: v128, low: v128, high: v128, offset: v128,
): void {
  for (let channel = 0; channel < channels; channel += 8) {
    let s0 = v128.load(panel);
    let s1 = v128.load(panel, 16);
    let weight = panel;
    for (let tap = list; tap < end; tap += 8) {
      const even = i16x8.sub(v128.load8x8_s(<usize>load<u32>(tap) + channel), zeros);
      const odd = i16x8.sub(v128.load8x8_s(<usize>load<u32>(tap, 4) + channel), zeros);
      const low4 = i16x8.shuffle(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
      const high4 = i16x8.shuffle(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(low4, v128.load(weight, 64)));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(high4, v128.load(weight, 80)));
      weight += 32;
    }
    const result = narrow8(
      requantize4(s0, v128.load(panel, 32), low, high, offset),
      requantize4(s1, v128.load(panel, 48), low, high, offset),
    );
    if (channels - channel >= 8) v128.store64_lane(y + channel, result, 0);
    else storeBytes(y + channel, result, channels - channel);
    panel += panelBytes;
  }
}
