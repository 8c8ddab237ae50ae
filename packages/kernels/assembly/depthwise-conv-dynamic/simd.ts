import { Geometry } from '../geometry';
import { clamp4, storeF32Pair } from '../lanes';
import { DIVIDED } from '../packed-dynamic';
import { HEADER_BYTES } from './scalar';

/** As ./scalar.ts, bit for bit, eight channels at a time. Reads up to 7 bytes past the image. */
export function depthwiseConvDynamic(
  geometry: usize, x: usize, units: usize, imageStep: i32, w: usize, y: usize, low: f32, high: f32, way: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const panelBytes = HEADER_BYTES + (g.kernelHeight * g.kernelWidth << 3);
  const lows = f32x4.splat(low);
  const highs = f32x4.splat(high);
  for (let row = g.firstRow; row < g.endRow; row++) {
    const number = row / g.outputHeight;
    const image = x + number * g.inputHeight * g.inputWidth * g.inputChannels;
    const unit = units + number * imageStep;
    const zero = i16x8.splat(<i16>load<i32>(unit, 4));
    const top = (row - number * g.outputHeight) * g.strideHeight - g.padTop;
    let panel = w;
    for (let channel = 0; channel < g.outputChannels; channel += 8) {
      let first = v128.load32_splat(unit);
      let scale0 = v128.load(panel);
      let scale1 = v128.load(panel, 16);
      if (way == DIVIDED) {
        scale0 = f32x4.mul(first, scale0);
        scale1 = f32x4.mul(first, scale1);
        first = f32x4.splat(1);
      }
      let to = y + ((row * g.outputWidth * g.outputChannels + channel) << 2);
      let left = -g.padLeft;
      for (let ox = 0; ox < g.outputWidth; ox++) {
        let sum0 = i64x2.splat(0);
        let sum1 = sum0;
        let weights = panel + HEADER_BYTES;
        let iy = top;
        for (let ky = 0; ky < g.kernelHeight; ky++) {
          const line = image + iy * g.inputWidth * g.inputChannels + channel;
          let ix = <u32>iy < <u32>g.inputHeight ? left : -1 - g.dilationWidth * g.kernelWidth;
          for (let kx = 0; kx < g.kernelWidth; kx++) {
            if (<u32>ix < <u32>g.inputWidth) {
              // Both below 2^8 in size: products fit int16, sums do not.
              const values = i16x8.sub(v128.load8x8_s(line + ix * g.inputChannels), zero);
              const products = i16x8.mul(values, v128.load8x8_s(weights));
              sum0 = i32x4.add(sum0, i32x4.extend_low_i16x8_s(products));
              sum1 = i32x4.add(sum1, i32x4.extend_high_i16x8_s(products));
            }
            weights += 8;
            ix += g.dilationWidth;
          }
          iy += g.dilationHeight;
        }
        const real0 = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(sum0), first), scale0);
        const real1 = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(sum1), first), scale1);
        storeF32Pair(
          to, clamp4(f32x4.add(real0, v128.load(panel, 32)), lows, highs),
          clamp4(f32x4.add(real1, v128.load(panel, 48)), lows, highs), min(g.outputChannels - channel, 8),
        );
        to += g.outputChannels << 2;
        left += g.strideWidth;
      }
      panel += panelBytes;
    }
  }
}
