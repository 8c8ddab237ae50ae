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
  const rowBytes = g.kernelWidth * tapBytes;
  let from = x + (top * g.inputWidth + left + first * g.dilationWidth) * pixelBytes;
  const step = g.dilationHeight * g.inputWidth * pixelBytes;
  const whole = end - first == g.kernelWidth && top >= 0 && top + (g.kernelHeight - 1) * g.dilationHeight < g.inputHeight;
  if (contiguous && whole) {
    gatherInside(from, step, g.kernelHeight, rowBytes, to);
    return;
  }
  for (let ky = 0; ky < g.kernelHeight; ky++, from += step) {
    if (<u32>(top + ky * g.dilationHeight) >= <u32>g.inputHeight) {
      zeroFill(to, rowBytes);
      to += rowBytes;
      continue;
    }
    zeroFill(to, first * tapBytes);
    to += first * tapBytes;
    if (contiguous) {
      const bytes = (end - first) * tapBytes;
      copyFloats(from, bytes, to);
      to += bytes;
    } else {
      let at = from;
      for (let kx = first; kx < end; kx++) {
        copyFloats(at, tapBytes, to);
        at += g.dilationWidth * pixelBytes;
        to += tapBytes;
      }
    }
    zeroFill(to, (g.kernelWidth - end) * tapBytes);
    to += (g.kernelWidth - end) * tapBytes;
  }
}

/**
 * Kernel rows that lie wholly on the image. Nine floats, 3 x 3 of a picture, and five, 5 x 5 of one channel, are copied
 * without a loop.
 */
function gatherInside(from: usize, step: i32, rows: i32, rowBytes: i32, to: usize): void {
  for (; rows > 0; rows--) {
    if (rowBytes == 36) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      store<f32>(to, load<f32>(from, 32), 32);
    } else if (rowBytes == 20) {
      v128.store(to, v128.load(from));
      store<f32>(to, load<f32>(from, 16), 16);
    } else {
      copyFloats(from, rowBytes, to);
    }
    from += step;
    to += rowBytes;
  }
}
