import { gatheredRows } from '../conv-f32/gather';
import { isPointwise } from '../conv-f32/simd';
import { multiplyRowsF32 } from '../gemm-f32/rows';
import { gemmF32 } from '../gemm-f32/simd';
import { endTap, firstTap, Geometry, panelBytesF32, panels } from '../geometry';

/**
 * As ./scalar.ts, bit for bit. A block of output pixels is multiplied by the weights, which gives a row of inputs for
 * each, and the rows are added to the image.
 *
 * scratch: 16 byte aligned, `convInputGradientScratchBytes` bytes.
 */
export function convInputGradientF32(
  geometry: usize, dy: usize, w: usize, dx: usize, scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const columns = g.kernelHeight * g.kernelWidth * channels;
  const first = g.firstRow * g.outputWidth;
  const end = g.endRow * g.outputWidth;
  const groupBytes = panels(columns) * panelBytesF32(outputs);
  const pointwise = isPointwise(g);
  if (!pointwise) {
    const imageBytes = (g.inputHeight * g.inputWidth * g.inputChannels) << 2;
    const firstImage = g.firstRow / g.outputHeight;
    memory.fill(dx + firstImage * imageBytes, 0, (g.endRow / g.outputHeight - firstImage) * imageBytes);
  }
  for (let group = 0; group < g.groups; group++) {
    const from = dy + ((first * g.outputChannels + group * outputs) << 2);
    const to = dx + ((group * channels) << 2);
    if (pointwise) {
      const start = to + ((first * g.inputChannels) << 2);
      gemmF32(
        end - first, columns, outputs, from, g.outputChannels, w, start, g.inputChannels, -Infinity, Infinity,
      );
    } else {
      spreadBlocks(g, channels, outputs, columns, first, end, from, w, to, scratch, scratchBytes);
    }
    w += groupBytes;
  }
}

function spreadBlocks(
  g: Geometry, channels: i32, outputs: i32, columns: i32, pixel: i32, end: i32, dy: usize, w: usize, dx: usize,
  scratch: usize, scratchBytes: i32,
): void {
  const rowBytes = ((columns << 2) + 15) & ~15;
  const block = gatheredRows(scratchBytes, rowBytes);
  const stride = g.outputChannels << 2;
  for (; pixel < end; pixel += block) {
    const count = min(block, end - pixel);
    multiplyRowsF32(
      count, columns, 1, outputs, dy, stride, 0, w, scratch, rowBytes, -Infinity, Infinity,
    );
    spreadRows(g, channels, pixel, count, scratch, rowBytes, dx);
    dy += count * stride;
  }
}

function spreadRows(g: Geometry, channels: i32, pixel: i32, count: i32, from: usize, rowBytes: i32, dx: usize): void {
  const pixelBytes = g.inputChannels << 2;
  const imageBytes = g.inputHeight * g.inputWidth * pixelBytes;
  const row = pixel / g.outputWidth;
  let ox = pixel % g.outputWidth;
  let oy = row % g.outputHeight;
  dx += row / g.outputHeight * imageBytes;
  for (let i = 0; i < count; i++) {
    spread(g, oy, ox, channels, from, dx);
    from += rowBytes;
    if (++ox == g.outputWidth) {
      ox = 0;
      if (++oy == g.outputHeight) {
        oy = 0;
        dx += imageBytes;
      }
    }
  }
}

/** Adds one row to the pixels under the window of one output pixel. */
function spread(g: Geometry, oy: i32, ox: i32, channels: i32, from: usize, dx: usize): void {
  const pixelBytes = g.inputChannels << 2;
  const tapBytes = channels << 2;
  const top = oy * g.strideHeight - g.padTop;
  const left = ox * g.strideWidth - g.padLeft;
  const first = firstTap(left, g.dilationWidth, g.kernelWidth, 0);
  const end = endTap(left, g.dilationWidth, g.kernelWidth, g.inputWidth);
  const firstRow = firstTap(top, g.dilationHeight, g.kernelHeight, 0);
  const endRow = endTap(top, g.dilationHeight, g.kernelHeight, g.inputHeight);
  const step = g.dilationHeight * g.inputWidth * pixelBytes;
  let to = dx + (top * g.inputWidth + left + first * g.dilationWidth) * pixelBytes + firstRow * step;
  from += (firstRow * g.kernelWidth + first) * tapBytes;
  // Neighbouring taps are neighbours in memory: one long sum instead of one a tap.
  const contiguous = g.groups == 1 && g.dilationWidth == 1;
  for (let ky = firstRow; ky < endRow; ky++) {
    if (contiguous) {
      addFloats((end - first) * channels, from, to);
    } else {
      for (let kx = first; kx < end; kx++) {
        addFloats(channels, from + (kx - first) * tapBytes, to + (kx - first) * g.dilationWidth * pixelBytes);
      }
    }
    from += g.kernelWidth * tapBytes;
    to += step;
  }
}

/** to += from, over n floats. Writes no byte past them: others may belong to another thread. */
@inline
function addFloats(n: i32, from: usize, to: usize): void {
  let i = 0;
  for (; i <= (n << 2) - 16; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  for (; i < n << 2; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
}
