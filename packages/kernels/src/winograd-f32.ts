import type { ConvShape } from './conv-shape.js';
import { packedGemmF32Bytes, packGemmF32 } from './pack-gemm-f32.js';
import { requireLength } from './panel.js';

/** 3 x 3 kernels [outputChannels, channelsPerGroup, 3, 3] and their biases. */
interface Kernels extends ConvShape {
  readonly data: Float32Array;
  readonly bias?: Float32Array | undefined;
}

/** Words before the weights: the format, then zeros. */
const HEADER = 4;
const WINOGRAD = 1;

/**
 * Weights of a 3 x 3 convolution of stride and dilation 1 in one group as `conv-f32` reads them for F(2 x 2, 3 x 3),
 * Lavin and Gray 2015 (arXiv:1509.09308): a header that says so, then 16 `packGemmF32` matrices, one for each element
 * of the transformed kernels. They are rounded to float32 once. The bias stands in matrix 5, which is in every output.
 *
 * @throws {RangeError} when an array is shorter than its shape says, or the kernel is another
 */
export function packWinogradF32(weights: Kernels): Float32Array {
  if (weights.kernelHeight !== 3 || weights.kernelWidth !== 3 || weights.groups !== 1) {
    throw new RangeError(
      `Winograd F(2 x 2, 3 x 3) needs 3 x 3 kernels in one group, not ${weights.kernelHeight} x ${weights.kernelWidth} in ${weights.groups}.`,
    );
  }
  const { outputChannels: n, channelsPerGroup: k } = weights;
  const each = packedGemmF32Bytes(n, k) / 4;
  const packed = new Float32Array(HEADER + each * 16);
  new Uint32Array(packed.buffer)[0] = WINOGRAD;
  for (const [element, data] of transformedKernels(weights.data, n * k).entries()) {
    const bias = element === 5 ? weights.bias : undefined;
    packed.set(packGemmF32({ data, k, n, rowStride: 1, columnStride: k, bias }), HEADER + element * each);
  }
  return packed;
}

/** G g G' of each kernel in float64; 16 arrays of `kernels` floats. */
function transformedKernels(data: Float32Array, kernels: number): Float32Array[] {
  requireLength('weights', data.length, kernels * 9);
  const result = Array.from({ length: 16 }, () => new Float32Array(kernels));
  // Three columns of four rows; then one of those rows. Written over for each kernel: there are many.
  const columns = new Float64Array(12);
  const row = new Float64Array(4);
  for (let kernel = 0; kernel < kernels; kernel++) {
    const g = kernel * 9;
    for (let j = 0; j < 3; j++) transform(columns, j * 4, data[g + j]!, data[g + j + 3]!, data[g + j + 6]!);
    for (let i = 0; i < 4; i++) {
      transform(row, 0, columns[i]!, columns[4 + i]!, columns[8 + i]!);
      for (let j = 0; j < 4; j++) result[i * 4 + j]![kernel] = row[j]!;
    }
  }
  return result;
}

/** G times a column of three. */
function transform(to: Float64Array, at: number, a: number, b: number, c: number): void {
  to[at] = a;
  to[at + 1] = (a + b + c) / 2;
  to[at + 2] = (a - b + c) / 2;
  to[at + 3] = c;
}
