import { Geometry } from '../geometry';
import { DOT16, formatOf } from '../packed-i8';
import { requantizeColumn } from '../requantize/scalar';
import { groupRows, HEADER_BYTES, quadBytes, quadHeaderBytes } from './layout';

/**
 * 2-D convolution of each channel with its own kernel: NHWC int8, requantized to int8. Computes the output rows
 * `firstRow` to `endRow` of the geometry; inputChannels is outputChannels; `groups` is not read.
 *
 * sum = bias + sum of (x - xZero) * w in int32; padding has the value xZero.
 * w: packed by `packDepthwiseConvI8`. scratch: see ./simd.ts; unused here.
 */
export function depthwiseConvI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.inputChannels == g.outputChannels);
  assert(g.strideHeight > 0 && g.strideWidth > 0 && g.dilationHeight > 0 && g.dilationWidth > 0);
  assert(g.firstRow >= 0 && g.endRow <= g.batch * g.outputHeight);
  assert(yLow >= -128 && yLow <= yHigh && yHigh <= 127);
  const format = formatOf(w);
  for (let row = g.firstRow; row < g.endRow; row++) {
    const image = row / g.outputHeight;
    const oy = row % g.outputHeight;
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        const header = w + HEADER_BYTES + (channel >> 2) * quadBytes(g, groupRows(format));
        const lane = channel & 3;
        const quad = header + (lane << 2);
        const sum = load<i32>(quad) + sumTaps(g, x, format, quad, image, oy, ox, channel, xZero);
        const at = (row * g.outputWidth + ox) * g.outputChannels + channel;
        store<i8>(y + at, requantizeColumn(sum, header + 16, lane, yZero, yLow, yHigh));
      }
    }
  }
}

function sumTaps(
  g: Geometry, x: usize, format: i32, quad: usize, image: i32, oy: i32, ox: i32, channel: i32, xZero: i32,
): i32 {
  let sum = 0;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
    if (iy < 0 || iy >= g.inputHeight) continue;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
      if (ix < 0 || ix >= g.inputWidth) continue;
      const at = ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + channel;
      sum += (<i32>load<i8>(x + at) - xZero) * tapWeight(g, format, quad, ky, kx);
    }
  }
  return sum;
}

/** A weight of the list for even windows. */
function tapWeight(g: Geometry, format: i32, quad: usize, ky: i32, kx: i32): i32 {
  const rows = groupRows(format);
  const vector = quad + quadHeaderBytes() + ((ky / rows * g.kernelWidth + kx) << 4);
  if (format == DOT16) return load<i16>(vector + ((ky & 1) << 1));
  return load<i8>(vector + (ky & 3));
}
