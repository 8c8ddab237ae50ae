import { Geometry, panelBytesI16 } from '../geometry';
import { storeBytes } from '../lanes';
import { finish, highBound, lowBound, zeroOffset } from '../requantize/simd';
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

/** All channels of one output pixel: sixteen at a time, so that walking the list costs little, then eight. */
function pixel(
  list: usize, end: usize, channels: i32, panel: usize, panelBytes: i32, y: usize,
  zeros: v128, low: v128, high: v128, offset: v128,
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
    for (let tap = list; tap < end; tap += 8) {
      const x0 = <usize>load<u32>(tap) + channel;
      const x1 = <usize>load<u32>(tap, 4) + channel;
      const even0 = i16x8.sub(v128.load8x8_s(x0), zeros);
      const odd0 = i16x8.sub(v128.load8x8_s(x1), zeros);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(interleaveLow(even0, odd0), v128.load(w0, 64)));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(interleaveHigh(even0, odd0), v128.load(w0, 80)));
      const even1 = i16x8.sub(v128.load8x8_s(x0, 8), zeros);
      const odd1 = i16x8.sub(v128.load8x8_s(x1, 8), zeros);
      s2 = i32x4.add(s2, i32x4.dot_i16x8_s(interleaveLow(even1, odd1), v128.load(w1, 64)));
      s3 = i32x4.add(s3, i32x4.dot_i16x8_s(interleaveHigh(even1, odd1), v128.load(w1, 80)));
      w0 += 32;
      w1 += 32;
    }
    v128.store64_lane(y + channel, finish(s0, s1, panel, low, high, offset), 0);
    v128.store64_lane(y + channel, finish(s2, s3, second, low, high, offset), 0, 8);
    panel = second + panelBytes;
  }
  for (; channel < channels; channel += 8) {
    let s0 = v128.load(panel);
    let s1 = v128.load(panel, 16);
    let weight = panel;
    for (let tap = list; tap < end; tap += 8) {
      const even = i16x8.sub(v128.load8x8_s(<usize>load<u32>(tap) + channel), zeros);
      const odd = i16x8.sub(v128.load8x8_s(<usize>load<u32>(tap, 4) + channel), zeros);
      s0 = i32x4.add(s0, i32x4.dot_i16x8_s(interleaveLow(even, odd), v128.load(weight, 64)));
      s1 = i32x4.add(s1, i32x4.dot_i16x8_s(interleaveHigh(even, odd), v128.load(weight, 80)));
      weight += 32;
    }
    storeBytes(y + channel, finish(s0, s1, panel, low, high, offset), min(channels - channel, 8));
    panel += panelBytes;
  }
}

@inline
function interleaveLow(even: v128, odd: v128): v128 {
  return i16x8.shuffle(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
}

@inline
function interleaveHigh(even: v128, odd: v128): v128 {
  return i16x8.shuffle(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
}
