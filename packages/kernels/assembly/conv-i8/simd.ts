import { multiplyI16, rowsThatFit, widen, widenedBytes } from '../gemm-i8/simd';
import { endTap, firstTap, Geometry, panelBytesI16, panels } from '../geometry';
import { zeroFill } from '../lanes';

/**
 * As ./scalar.ts, bit for bit. Blocks of output pixels are gathered into `scratch`, widened to int16 with
 * the zero point subtracted, and multiplied as a matrix. Reads up to 7 bytes past the image.
 *
 * scratch: 16 byte aligned; at least one row (kernelHeight * kernelWidth * channels of a group int16,
 * rounded up to 16 bytes) and 16 bytes; `convScratchBytes` says how much is fast.
 */
export function convI8(
  geometry: usize,
  x: usize,
  w: usize,
  y: usize,
  xZero: i32,
  yZero: i32,
  yLow: i32,
  yHigh: i32,
  scratch: usize,
  scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const k = g.kernelHeight * g.kernelWidth * channels;
  const pixels = g.outputHeight * g.outputWidth;
  const packedBytes = panels(outputs) * panelBytesI16(k);
  const imageBytes = g.inputHeight * g.inputWidth * g.inputChannels;
  const rowBytes = widenedBytes(k);
  const rows = rowsThatFit(scratchBytes, rowBytes);
  for (let image = 0; image < g.batch; image++) {
    for (let group = 0; group < g.groups; group++) {
      const from = x + image * imageBytes + group * channels;
      const to = y + image * pixels * g.outputChannels + group * outputs;
      const packed = w + group * packedBytes;
      let oy = 0;
      let ox = 0;
      for (let pixel = 0; pixel < pixels; pixel += rows) {
        const block = min(rows, pixels - pixel);
        for (let i = 0; i < block; i++) {
          gather(g, from, oy, ox, channels, xZero, scratch + i * rowBytes);
          if (++ox == g.outputWidth) {
            ox = 0;
            oy++;
          }
        }
        const result = to + pixel * g.outputChannels;
        multiplyI16(
          block,
          outputs,
          k,
          scratch,
          rowBytes,
          packed,
          result,
          g.outputChannels,
          yZero,
          yLow,
          yHigh,
        );
      }
    }
  }
}

/** Writes the widened inputs under one output pixel: kernel row, kernel column, channel. Zeros for padding. */
function gather(g: Geometry, x: usize, oy: i32, ox: i32, channels: i32, zero: i32, to: usize): void {
  const tapBytes = channels << 1;
  const top = oy * g.strideHeight - g.padTop;
  const left = ox * g.strideWidth - g.padLeft;
  const first = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
  const end = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth);
  // Neighbouring taps are neighbours in memory: one long run instead of one a tap.
  const contiguous = g.groups == 1 && g.dilationWidth == 1;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const iy = top + ky * g.dilationHeight;
    if (<u32>iy >= <u32>g.inputHeight) {
      zeroFill(to, g.kernelWidth * tapBytes);
      to += g.kernelWidth * tapBytes;
      continue;
    }
    let from = x + (iy * g.inputWidth + left + first * g.dilationWidth) * g.inputChannels;
    zeroFill(to, first * tapBytes);
    to += first * tapBytes;
    if (contiguous) {
      const count = (end - first) * channels;
      widen(from, count, zero, to);
      to += count << 1;
    } else {
      for (let kx = first; kx < end; kx++) {
        widen(from, channels, zero, to);
        from += g.dilationWidth * g.inputChannels;
        to += tapBytes;
      }
    }
    zeroFill(to, (g.kernelWidth - end) * tapBytes);
    to += (g.kernelWidth - end) * tapBytes;
  }
}
