import { multiplyRowsF32 } from '../gemm-f32/rows';
import { gemmF32 } from '../gemm-f32/simd';
import { rowsThatFit } from '../gemm-i8/simd';
import { endTap, firstTap, Geometry, panelBytesF32, panels } from '../geometry';
import { zeroFill } from '../lanes';

/**
 * As ./scalar.ts, bit for bit. A block of output pixels at a time is gathered into `scratch` as rows of
 * the matrix product; the whole image is never unfolded. Pointwise convolutions gather nothing.
 *
 * scratch: 16 byte aligned; at least one row (kernelHeight * kernelWidth * channels of a group floats,
 * rounded up to 16 bytes) and 16 bytes; `convScratchBytes` says how much is fast.
 */
export function convF32(
  geometry: usize, x: usize, w: usize, y: usize, low: f32, high: f32, scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const k = g.kernelHeight * g.kernelWidth * channels;
  const pixels = g.outputHeight * g.outputWidth;
  const packedBytes = panels(outputs) * panelBytesF32(k);
  const imageBytes = (g.inputHeight * g.inputWidth * g.inputChannels) << 2;
  const direct = isPointwise(g);
  for (let image = 0; image < g.batch; image++) {
    for (let group = 0; group < g.groups; group++) {
      const from = x + image * imageBytes + ((group * channels) << 2);
      const to = y + ((image * pixels * g.outputChannels + group * outputs) << 2);
      const packed = w + group * packedBytes;
      if (direct) gemmF32(pixels, outputs, k, from, g.inputChannels, packed, to, g.outputChannels, low, high);
      else convolve(g, from, packed, to, channels, outputs, k, low, high, scratch, scratchBytes);
    }
  }
}

/** True when an output pixel reads exactly the input pixel at the same place. */
@inline
export function isPointwise(g: Geometry): bool {
  return g.kernelHeight == 1 && g.kernelWidth == 1 && g.strideHeight == 1 && g.strideWidth == 1
    && g.padTop == 0 && g.padLeft == 0 && g.outputHeight == g.inputHeight && g.outputWidth == g.inputWidth;
}

function convolve(
  g: Geometry, x: usize, w: usize, y: usize, channels: i32, outputs: i32, k: i32, low: f32, high: f32,
  scratch: usize, scratchBytes: i32,
): void {
  const pixels = g.outputHeight * g.outputWidth;
  const rowBytes = ((k << 2) + 15) & ~15;
  const rows = rowsThatFit(scratchBytes, rowBytes);
  const yStride = g.outputChannels << 2;
  let oy = 0;
  let ox = 0;
  for (let pixel = 0; pixel < pixels; pixel += rows) {
    const block = min(rows, pixels - pixel);
    for (let i = 0; i < block; i++) {
      gather(g, x, oy, ox, channels, scratch + i * rowBytes);
      if (++ox == g.outputWidth) {
        ox = 0;
        oy++;
      }
    }
    multiplyRowsF32(block, outputs, 1, k, scratch, rowBytes, 0, w, y + pixel * yStride, yStride, low, high);
  }
}

/** Writes the inputs under one output pixel: kernel row, kernel column, channel. Zeros for padding. */
function gather(g: Geometry, x: usize, oy: i32, ox: i32, channels: i32, to: usize): void {
  const pixelBytes = g.inputChannels << 2;
  const tapBytes = channels << 2;
  const top = oy * g.strideHeight - g.padTop;
  const left = ox * g.strideWidth - g.padLeft;
  const first = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
  const end = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth);
  // Neighbouring taps are neighbours in memory: one long copy instead of one a tap.
  const contiguous = g.groups == 1 && g.dilationWidth == 1;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = top + ky * g.dilationHeight;
    if (<u32>iy >= <u32>g.inputHeight) {
      zeroFill(to, g.kernelWidth * tapBytes);
      to += g.kernelWidth * tapBytes;
      continue;
    }
    let from = x + (iy * g.inputWidth + left + first * g.dilationWidth) * pixelBytes;
    zeroFill(to, first * tapBytes);
    to += first * tapBytes;
    if (contiguous) {
      const bytes = (end - first) * tapBytes;
      copy(from, bytes, to);
      to += bytes;
    } else {
      for (let kx = first; kx < end; kx++) {
        copy(from, tapBytes, to);
        from += g.dilationWidth * pixelBytes;
        to += tapBytes;
      }
    }
    zeroFill(to, (g.kernelWidth - end) * tapBytes);
    to += (g.kernelWidth - end) * tapBytes;
  }
}

/** Copies in steps of 16 bytes, up to 12 bytes past the end on both sides; memory.copy is a call, too slow here. */
@inline
function copy(from: usize, bytes: i32, to: usize): void {
  for (let i = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
}
