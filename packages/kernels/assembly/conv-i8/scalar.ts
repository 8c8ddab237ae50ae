import { activationOf, weightAt } from '../gemm-i8/scalar';
import { Geometry, panels } from '../geometry';
import {
  DOT16, formatOf, HEADER_BYTES, layoutOf, multiplierKindOf, panelStride, rowsPerStep, RUNS, stepsOf, WINOGRAD,
} from '../packed-i8';
import { isFixedPoint } from '../requantize/rule';
import { requantizeColumn } from '../requantize/scalar';

/**
 * 2-D convolution of NHWC int8 images, requantized to int8; rows firstRow to endRow of the geometry.
 *
 * sum = bias + sum of (x - xZero) * w in int32; padding has the value xZero, so it adds nothing.
 * w: packed by `packConvI8` for this xZero. Bounds of the sum as in gemm-i8. scratch: see ./simd.ts; unused here.
 */
export function convI8(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
  scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups > 0 && g.inputChannels % g.groups == 0 && g.outputChannels % g.groups == 0);
  assert(g.strideHeight > 0 && g.strideWidth > 0 && g.dilationHeight > 0 && g.dilationWidth > 0);
  assert(g.firstRow >= 0 && g.firstRow <= g.endRow && g.endRow <= g.batch * g.outputHeight);
  assert(multiplierKindOf(w) == i32(isFixedPoint()));
  if (layoutOf(w) == WINOGRAD) {
    assert(g.kernelHeight == 3 && g.kernelWidth == 3 && g.strideHeight == 1 && g.strideWidth == 1);
    assert(g.dilationHeight == 1 && g.dilationWidth == 1 && g.groups == 1);
  }
  assert(yLow >= -128 && yLow <= yHigh && yHigh <= 127);
  const outputs = g.outputChannels / g.groups;
  const panelBytes = panelStride(formatOf(w), stepsOf(w));
  for (let row = g.firstRow; row < g.endRow; row++) {
    for (let ox = 0; ox < g.outputWidth; ox++) {
      for (let channel = 0; channel < g.outputChannels; channel++) {
        const group = channel / outputs;
        const column = channel % outputs;
        const panel = w + HEADER_BYTES + (group * panels(outputs) + (column >> 3)) * panelBytes;
        const lane = column & 7;
        const sum = load<i32>(panel + (lane << 2)) + sumTaps(g, x, w, panel, lane, group, row, ox, xZero);
        const at = (row * g.outputWidth + ox) * g.outputChannels + channel;
        store<i8>(y + at, requantizeColumn(sum, panel + 32, lane, yZero, yLow, yHigh));
      }
    }
  }
}

/** Padding has the value xZero: the biases of the relaxed formats count on it. */
function sumTaps(
  g: Geometry, x: usize, w: usize, panel: usize, lane: i32, group: i32, row: i32, ox: i32, xZero: i32,
): i32 {
  const format = formatOf(w);
  const channels = g.inputChannels / g.groups;
  const image = row / g.outputHeight;
  const oy = row % g.outputHeight;
  let sum = 0;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
      const inside = iy >= 0 && iy < g.inputHeight && ix >= 0 && ix < g.inputWidth;
      const pixel = x + ((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + group * channels;
      const first = firstRowOf(g, w, ky, kx);
      const winograd = layoutOf(w) == WINOGRAD;
      for (let i = 0; i < channels; i++) {
        const value = activationOf(format, inside ? <i32>load<i8>(pixel + i) : xZero, xZero);
        sum += value * (winograd ? untransformed(w, panel, ky, kx, i, lane) : weightAt(format, panel, first + i, lane));
      }
    }
  }
  return sum;
}

/**
 * A weight out of the 16 positions of (2G) g (2G)^T. The rows of 2G are (2 0 0), (1 1 1), (1 -1 1) and (0 0 2): half the
 * first, half the difference of the next two and half the last give g back.
 */
function untransformed(w: usize, panel: usize, ky: i32, kx: i32, channel: i32, lane: i32): i32 {
  const rows = stepsOf(w) >> 4 << 1;
  const top = ky == 2 ? 3 : ky;
  const left = kx == 2 ? 3 : kx;
  let sum = 0;
  for (let i = top; i <= (ky == 1 ? 2 : top); i++) {
    for (let j = left; j <= (kx == 1 ? 2 : left); j++) {
      const value = weightAt(DOT16, panel, (i * 4 + j) * rows + channel, lane);
      sum += (i == 2) != (j == 2) ? -value : value;
    }
  }
  // Exact: the four parts of a weight sum up to four times it.
  return sum / 4;
}

/** The packed row of K of channel 0 of a tap. */
function firstRowOf(g: Geometry, w: usize, ky: i32, kx: i32): i32 {
  const channels = g.inputChannels / g.groups;
  const perStep = rowsPerStep(formatOf(w));
  if (layoutOf(w) == RUNS) {
    const run = (g.kernelWidth * channels + perStep - 1) / perStep * perStep;
    return ky * run + kx * channels;
  }
  const tap = (channels + perStep - 1) / perStep * perStep;
  return (kx * g.kernelHeight + ky) * tap;
}
