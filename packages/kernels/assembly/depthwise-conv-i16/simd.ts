import { Geometry } from '../geometry';
import { depthwisePanelBytes, HEADER_BYTES, kindOf, PANEL_HEADER_BYTES } from '../packed-i16';
import { addSums, bound, finishSums, storeWords } from '../requantize/sum-i16-simd';

/** As ./scalar.ts, bit for bit, eight channels at a time. Reads up to 14 bytes past the image. */
export function depthwiseConvI16(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const kind = kindOf(w);
  const low = bound(yLow, yZero);
  const high = bound(yHigh, yZero);
  const panelBytes = depthwisePanelBytes(g.kernelHeight * g.kernelWidth);
  for (let row = g.firstRow; row < g.endRow; row++) {
    const image = x + ((row / g.outputHeight) * g.inputHeight * g.inputWidth * g.inputChannels << 1);
    const top = (row % g.outputHeight) * g.strideHeight - g.padTop;
    let panel = w + HEADER_BYTES;
    for (let channel = 0; channel < g.outputChannels; channel += 8) {
      let to = y + ((row * g.outputWidth * g.outputChannels + channel) << 1);
      const columns = min(g.outputChannels - channel, 8);
      let left = -g.padLeft;
      for (let ox = 0; ox < g.outputWidth; ox++) {
        for (let i: usize = 0; i < 64; i += 16) v128.store(scratch + i, v128.load(panel + i));
        addTaps(g, image + (channel << 1), top, left, panel + PANEL_HEADER_BYTES, xZero, scratch);
        storeWords(to, finishSums(scratch, panel, kind, yZero, low, high), columns);
        to += g.outputChannels << 1;
        left += g.strideWidth;
      }
      panel += panelBytes;
    }
  }
}

/** Adds the products of all taps of one output pixel, which fit int32, to its sums. */
@inline
function addTaps(g: Geometry, image: usize, top: i32, left: i32, weights: usize, xZero: i32, sums: usize): void {
  const padding = i16x8.splat(<i16>xZero);
  let low4 = i64x2.splat(0);
  let high4 = low4;
  let iy = top;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const line = image + (iy * g.inputWidth * g.inputChannels << 1);
    const isInside = <u32>iy < <u32>g.inputHeight;
    let ix = left;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const w = v128.load(weights);
      let values = padding;
      if (isInside && <u32>ix < <u32>g.inputWidth) values = v128.load(line + (ix * g.inputChannels << 1));
      low4 = i32x4.add(low4, i32x4.extmul_low_i16x8_s(values, w));
      high4 = i32x4.add(high4, i32x4.extmul_high_i16x8_s(values, w));
      weights += 16;
      ix += g.dilationWidth;
    }
    iy += g.dilationHeight;
  }
  addSums(sums, low4, high4);
}
