import { endTap, firstTap, Geometry } from '../geometry';
import { copyFloats, zeroFill } from '../lanes';

/** Rows of gathered inputs that a scratch area holds. */
export function gatheredRows(scratchBytes: i32, rowBytes: i32): i32 {
  return max(1, (scratchBytes - 16) / max(rowBytes, 16));
}

/**
 * Writes the inputs under `count` output pixels from `pixel` on as rows of `rowBytes` bytes: kernel row, kernel
 * column, channel. Zeros for padding.
 */
export function gatherRows(
  g: Geometry, x: usize, channels: i32, pixel: i32, count: i32, to: usize, rowBytes: i32,
): void {
  const imageBytes = (g.inputHeight * g.inputWidth * g.inputChannels) << 2;
  const row = pixel / g.outputWidth;
  let ox = pixel % g.outputWidth;
  let oy = row % g.outputHeight;
  x += row / g.outputHeight * imageBytes;
  for (let i = 0; i < count; i++) {
    gather(g, x, oy, ox, channels, to);
    to += rowBytes;
    if (++ox == g.outputWidth) {
      ox = 0;
      if (++oy == g.outputHeight) {
        oy = 0;
        x += imageBytes;
      }
    }
  }
}

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
      copyFloats(from, bytes, to);
      to += bytes;
    } else {
      for (let kx = first; kx < end; kx++) {
        copyFloats(from, tapBytes, to);
        from += g.dilationWidth * pixelBytes;
        to += tapBytes;
      }
    }
    zeroFill(to, (g.kernelWidth - end) * tapBytes);
    to += (g.kernelWidth - end) * tapBytes;
  }
}
