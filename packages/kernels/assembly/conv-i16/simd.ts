import { gemmI16 } from '../gemm-i16/simd';
import { Geometry, panels } from '../geometry';
import { HEADER_BYTES, panelBytes, stepsOf } from '../packed-i16';

/** Of `scratch`, for the sums of `gemmI16`. */
const SUMS_BYTES: i32 = 256;
/** What copying may write past the last row. */
const SLACK_BYTES: i32 = 16;

/**
 * As ./scalar.ts, bit for bit: the pixels under an output pixel become a row, and the rows a matrix. Reads up to 14 bytes
 * past the image.
 */
export function convI16(
  geometry: usize, x: usize, w: usize, y: usize, xZero: i32, yZero: i32, yLow: i32, yHigh: i32,
  scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const matrixBytes = HEADER_BYTES + panels(outputs) * panelBytes(stepsOf(w));
  const k = g.kernelHeight * g.kernelWidth * channels;
  const pixels = (g.endRow - g.firstRow) * g.outputWidth;
  const first = g.firstRow * g.outputWidth;
  const gathered = scratch + SUMS_BYTES;
  const isMatrix = isPointwise(g);
  // Whole steps: what stands behind an odd k is multiplied by 0.
  const stride = isMatrix ? g.inputChannels : (k + 1) & ~1;
  const block = isMatrix ? max(pixels, 1) : max((scratchBytes - SUMS_BYTES - SLACK_BYTES) / max(stride << 1, 1), 1);
  for (let group = 0; group < g.groups; group++) {
    const image = x + ((group * channels) << 1);
    for (let done = 0; done < pixels; done += block) {
      const count = min(pixels - done, block);
      let rows = gathered;
      if (isMatrix) rows = image + (((first + done) * g.inputChannels) << 1);
      else for (let i = 0; i < count; i++) gatherRow(g, image, channels, first + done + i, xZero, gathered + ((i * stride) << 1));
      const to = y + (((first + done) * g.outputChannels + group * outputs) << 1);
      gemmI16(count, outputs, k, rows, stride, w, to, g.outputChannels, yZero, yLow, yHigh, scratch);
    }
    w += matrixBytes;
  }
}

/** Whether output pixels are the rows of a matrix product as they stand. */
function isPointwise(g: Geometry): bool {
  return g.kernelHeight == 1 && g.kernelWidth == 1 && g.strideHeight == 1 && g.strideWidth == 1
    && g.outputHeight == g.inputHeight && g.outputWidth == g.inputWidth && (g.padTop | g.padLeft) == 0;
}

/** The channels of a group under all taps of one output pixel, and up to 14 bytes more, which the next row writes over. */
function gatherRow(g: Geometry, x: usize, channels: i32, pixel: i32, xZero: i32, to: usize): void {
  const row = pixel / g.outputWidth;
  const image = row / g.outputHeight;
  const left = (pixel - row * g.outputWidth) * g.strideWidth - g.padLeft;
  let iy = (row - image * g.outputHeight) * g.strideHeight - g.padTop;
  const bytes = channels << 1;
  const pixelBytes = g.inputChannels << 1;
  // All columns of a kernel row side by side: one piece.
  const isWhole = g.dilationWidth == 1 && g.groups == 1 && left >= 0 && left + g.kernelWidth <= g.inputWidth;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const line = x + (image * g.inputHeight + iy) * g.inputWidth * pixelBytes;
    if (<u32>iy >= <u32>g.inputHeight) {
      fill(to, bytes * g.kernelWidth, xZero);
      to += bytes * g.kernelWidth;
    } else if (isWhole) {
      copy(line + left * pixelBytes, bytes * g.kernelWidth, to);
      to += bytes * g.kernelWidth;
    } else {
      for (let kx = 0; kx < g.kernelWidth; kx++) {
        const ix = left + kx * g.dilationWidth;
        if (<u32>ix < <u32>g.inputWidth) copy(line + ix * pixelBytes, bytes, to);
        else fill(to, bytes, xZero);
        to += bytes;
      }
    }
    iy += g.dilationHeight;
  }
}

@inline
function copy(from: usize, bytes: i32, to: usize): void {
  for (let i = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
}

@inline
function fill(to: usize, bytes: i32, value: i32): void {
  for (let i = 0; i < bytes; i += 16) v128.store(to + i, i16x8.splat(<i16>value));
}
