import { Geometry } from '../geometry';
import { gradientBlock } from './block';

/**
 * The gradient of a convolution's weights, in parts: part p is that of the images from p * images on, `images` of them,
 * and fewer in the last part. The parts do not depend on how they are shared out over threads.
 *
 * x: the input, dy: the gradient of the output, both NHWC. dw: for each part
 * [outputChannels, kernelHeight, kernelWidth, channels of a group].
 * Each element is a sum over blocks of output pixels, in their order, of sums over the pixels of the block; both start
 * at 0. Padding is the number 0 and takes part.
 *
 * Computes the parts whose images are in firstRow ... endRow, whole parts. scratch: see ./simd.ts; unused here.
 */
export function convWeightGradientF32(
  geometry: usize, images: i32, x: usize, dy: usize, dw: usize, scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const rowsOfPart = images * g.outputHeight;
  assert(g.groups > 0 && g.inputChannels % g.groups == 0 && g.outputChannels % g.groups == 0);
  assert(images > 0 && g.firstRow % rowsOfPart == 0);
  const columns = g.kernelHeight * g.kernelWidth * (g.inputChannels / g.groups);
  for (let row = g.firstRow; row < g.endRow; row += rowsOfPart) {
    const end = min(row + rowsOfPart, g.batch * g.outputHeight) * g.outputWidth;
    const part = dw + ((row / rowsOfPart * g.outputChannels * columns) << 2);
    for (let output = 0; output < g.outputChannels; output++) {
      for (let column = 0; column < columns; column++) {
        const sum = element(g, x, dy, row * g.outputWidth, end, output, column, columns);
        store<f32>(part + ((output * columns + column) << 2), sum);
      }
    }
  }
}

function element(g: Geometry, x: usize, dy: usize, first: i32, end: i32, output: i32, column: i32, columns: i32): f32 {
  const block = gradientBlock(columns);
  let total: f32 = 0;
  for (let start = first; start < end; start += block) {
    let sum: f32 = 0;
    for (let pixel = start; pixel < min(start + block, end); pixel++) {
      sum += load<f32>(dy + ((pixel * g.outputChannels + output) << 2)) * tap(g, x, pixel, output, column);
    }
    total += sum;
  }
  return total;
}

/** The input under one element of the kernel. */
function tap(g: Geometry, x: usize, pixel: i32, output: i32, column: i32): f32 {
  const channels = g.inputChannels / g.groups;
  const group = output / (g.outputChannels / g.groups);
  const row = pixel / g.outputWidth;
  const kernel = column / channels;
  const iy = row % g.outputHeight * g.strideHeight - g.padTop + kernel / g.kernelWidth * g.dilationHeight;
  const ix = pixel % g.outputWidth * g.strideWidth - g.padLeft + kernel % g.kernelWidth * g.dilationWidth;
  if (iy < 0 || iy >= g.inputHeight || ix < 0 || ix >= g.inputWidth) return 0;
  const at = ((row / g.outputHeight * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels;
  return load<f32>(x + ((at + group * channels + column % channels) << 2));
}
