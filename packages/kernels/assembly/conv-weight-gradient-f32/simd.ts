import { gatherRows } from '../conv-f32/gather';
import { multiplyRowsF32 } from '../gemm-f32/rows';
import { Geometry, panelBytesF32, panels } from '../geometry';
import { packGemmBF32 } from '../pack-gemm-f32/simd';
import { transposeRowsF32 } from '../transpose-f32/simd';
import { gradientBlock } from './block';

/**
 * As ./scalar.ts, bit for bit. The inputs under a block of output pixels are gathered as rows and packed, as if they were
 * weights, and the gradients of the outputs, transposed, multiplied by them. Reads up to 12 bytes past the image.
 *
 * scratch: 16 byte aligned, `convWeightGradientScratchBytes` bytes: gathered rows, their panels, one product, transposed
 * gradients.
 */
export function convWeightGradientF32(
  geometry: usize, images: i32, x: usize, dy: usize, dw: usize, scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const rowsOfPart = images * g.outputHeight;
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const columns = g.kernelHeight * g.kernelWidth * channels;
  const groupBytes = (outputs * columns) << 2;
  let to = dw + g.firstRow / rowsOfPart * g.groups * groupBytes;
  for (let row = g.firstRow; row < g.endRow; row += rowsOfPart) {
    const end = min(row + rowsOfPart, g.batch * g.outputHeight) * g.outputWidth;
    for (let group = 0; group < g.groups; group++) {
      const from = x + ((group * channels) << 2);
      const gradient = dy + ((group * outputs) << 2);
      part(g, channels, outputs, columns, row * g.outputWidth, end, from, gradient, to, scratch);
      to += groupBytes;
    }
  }
}

function part(
  g: Geometry, channels: i32, outputs: i32, columns: i32, pixel: i32, end: i32, x: usize, dy: usize, dw: usize,
  scratch: usize,
): void {
  const block = gradientBlock(columns);
  const rowBytes = ((columns << 2) + 15) & ~15;
  // A gathered row may be followed by up to 12 bytes of rubbish.
  const packed = scratch + block * rowBytes + 16;
  const product = packed + panels(columns) * panelBytesF32(block);
  const n = outputs * columns;
  const turned = product + (((n << 2) + 15) & ~15);
  const pixelBytes = g.outputChannels << 2;
  memory.fill(dw, 0, n << 2);
  for (; pixel < end; pixel += block) {
    const count = min(block, end - pixel);
    gatherRows(g, x, channels, pixel, count, scratch, rowBytes);
    packGemmBF32(columns, count, scratch, rowBytes >> 2, 1, 0, packed);
    transposeRowsF32(count, outputs, dy + pixel * pixelBytes, pixelBytes, turned, block << 2);
    multiplyRowsF32(
      outputs, columns, 1, count, turned, block << 2, 0, packed, product, columns << 2, -Infinity, Infinity,
    );
    addTo(n, product, dw);
  }
}

/** to += from over n floats. */
function addTo(n: i32, from: usize, to: usize): void {
  let i = 0;
  for (; i <= (n << 2) - 16; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  for (; i < n << 2; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
}
