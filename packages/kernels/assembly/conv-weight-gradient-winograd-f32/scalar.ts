import { transformed } from '../conv-f32/winograd-scalar';
import { Geometry } from '../geometry';

/**
 * The gradient of the weights of a 3 x 3 convolution of stride and dilation 1 in one group, in parts, as
 * ../conv-weight-gradient-f32 gives it, but by the adjoint of F(2 x 2, 3 x 3): 16 products for a tile of 2 x 2 output
 * pixels instead of 36. Lavin and Gray 2015 (arXiv:1509.09308), section 4.1, read backwards.
 *
 * A tile's inputs are transformed as in ../conv-f32/winograd-scalar.ts; its gradients, columns first, to
 * (y0, y0 + y1, y0 - y1, -y1). Each of the 16 products is summed over the tiles of a part, in their order, from 0; then
 * the sums become 3 x 3, columns first: (u0 + h, (u1 - u2) / 2, h + u3), where h is (u1 + u2) / 2. What lies outside of
 * the image is the number 0 and takes part. Every step rounds to float32.
 *
 * x: the input, NHWC. dy: the gradient of the output, NHWC. dw: for each part [outputChannels, 3, 3, inputChannels].
 * Channels are multiples of 8. Computes the parts whose images are in firstRow ... endRow, whole parts. scratch: see
 * ./simd.ts; unused here.
 */
export function convWeightGradientWinogradF32(
  geometry: usize, images: i32, x: usize, dy: usize, dw: usize, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const rowsOfPart = images * g.outputHeight;
  assert(g.groups == 1 && g.kernelHeight == 3 && g.kernelWidth == 3);
  assert(g.strideHeight == 1 && g.strideWidth == 1 && g.dilationHeight == 1 && g.dilationWidth == 1);
  assert(g.inputChannels % 8 == 0 && g.outputChannels % 8 == 0);
  assert(images > 0 && g.firstRow % rowsOfPart == 0);
  const size = g.outputChannels * 9 * g.inputChannels;
  for (let row = g.firstRow; row < g.endRow; row += rowsOfPart) {
    const first = row / g.outputHeight;
    const end = min(first + images, g.batch);
    const part = dw + ((row / rowsOfPart * size) << 2);
    for (let output = 0; output < g.outputChannels; output++) {
      for (let channel = 0; channel < g.inputChannels; channel++) {
        for (let tap = 0; tap < 9; tap++) {
          const value = weight(g, x, dy, first, end, output, channel, tap / 3, tap % 3);
          store<f32>(part + (((output * 9 + tap) * g.inputChannels + channel) << 2), value);
        }
      }
    }
  }
}

/** Back along the columns, then along the rows. */
function weight(
  g: Geometry, x: usize, dy: usize, first: i32, end: i32, output: i32, channel: i32, ky: i32, kx: i32,
): f32 {
  const u0 = column(g, x, dy, first, end, output, channel, ky, 0);
  const u1 = column(g, x, dy, first, end, output, channel, ky, 1);
  const u2 = column(g, x, dy, first, end, output, channel, ky, 2);
  const u3 = column(g, x, dy, first, end, output, channel, ky, 3);
  return back(u0, u1, u2, u3, kx);
}

function column(
  g: Geometry, x: usize, dy: usize, first: i32, end: i32, output: i32, channel: i32, ky: i32, j: i32,
): f32 {
  const u0 = sum(g, x, dy, first, end, output, channel, 0, j);
  const u1 = sum(g, x, dy, first, end, output, channel, 1, j);
  const u2 = sum(g, x, dy, first, end, output, channel, 2, j);
  const u3 = sum(g, x, dy, first, end, output, channel, 3, j);
  return back(u0, u1, u2, u3, ky);
}

function back(u0: f32, u1: f32, u2: f32, u3: f32, tap: i32): f32 {
  if (tap == 1) return (u1 - u2) * 0.5;
  const half: f32 = (u1 + u2) * 0.5;
  return tap == 0 ? u0 + half : half + u3;
}

/** Product (i, j) over all tiles of some images. */
function sum(
  g: Geometry, x: usize, dy: usize, first: i32, end: i32, output: i32, channel: i32, i: i32, j: i32,
): f32 {
  let total: f32 = 0;
  for (let image = first; image < end; image++) {
    for (let oy = 0; oy < g.outputHeight; oy += 2) {
      for (let ox = 0; ox < g.outputWidth; ox += 2) {
        const gradient = spread(g, dy, image, oy, ox, output, i, j);
        total += gradient * transformed(g, x, image, oy - g.padTop, ox - g.padLeft, channel, i, j);
      }
    }
  }
  return total;
}

function spread(g: Geometry, dy: usize, image: i32, oy: i32, ox: i32, output: i32, i: i32, j: i32): f32 {
  const left = spreadColumn(g, dy, image, oy, ox, output, i);
  if (j == 0) return left;
  const right = spreadColumn(g, dy, image, oy, ox + 1, output, i);
  if (j == 3) return -right;
  return j == 1 ? left + right : left - right;
}

function spreadColumn(g: Geometry, dy: usize, image: i32, oy: i32, ox: i32, output: i32, i: i32): f32 {
  const upper = gradient(g, dy, image, oy, ox, output);
  if (i == 0) return upper;
  const lower = gradient(g, dy, image, oy + 1, ox, output);
  if (i == 3) return -lower;
  return i == 1 ? upper + lower : upper - lower;
}

function gradient(g: Geometry, dy: usize, image: i32, oy: i32, ox: i32, output: i32): f32 {
  if (oy >= g.outputHeight || ox >= g.outputWidth) return 0;
  return load<f32>(dy + ((((image * g.outputHeight + oy) * g.outputWidth + ox) * g.outputChannels + output) << 2));
}
