import { CodebookEncoding, type Encoding } from '@espalier/core';
import { packedGemmF32Bytes, packGemmF32, packSharedGemmF32 } from '@espalier/kernels';
import type { Job } from '../plan/job.js';

/** Constant weights [k, n] of a Gemm or MatMul, by strides. */
export interface MatrixShape {
  readonly k: number;
  readonly n: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Values times a factor, in float32. */
export function scaled(values: Float32Array, factor: number): Float32Array {
  return factor === 1 ? values : values.map((value) => value * factor);
}

/**
 * Packs constant float32 weights where `gemmF32` reads them. Shared weights are looked up as they are written:
 * the only other thing of their size is a byte for each.
 *
 * @param input - of the node, a constant matrix of float32
 * @param alpha - what the weights are multiplied by
 * @param bias - one a column
 * @returns the address
 */
export function placeMatrix(
  job: Job,
  input: number,
  shape: MatrixShape,
  alpha = 1,
  bias: Float32Array | undefined = undefined,
): number {
  const value = job.node.inputs[input];
  const { heap } = job.workspace;
  const bytes = packedGemmF32Bytes(shape.n, shape.k);
  const shared = value?.constant && sharedWeights(value.constant, shape, alpha);
  // What is decoded is held while it is packed: the place is asked for first, as it may move all of memory.
  const data = shared ? null : scaled(job.constant(value)?.data as Float32Array, alpha); // as the caller checked
  const place = heap.malloc(bytes);
  const packed = heap.float32(place, bytes / 4);
  if (shared) packSharedGemmF32({ ...shape, ...shared, bias }, packed);
  else if (data) packGemmF32({ ...shape, data, bias }, packed);
  return place;
}

interface SharedWeights {
  readonly indices: Uint8Array;
  readonly centroids: Float32Array;
  readonly centroidCount: number;
}

/** Indices and centroids of a matrix, where all columns share the centroids or each has its own. */
function sharedWeights(encoding: Encoding, shape: MatrixShape, alpha: number): SharedWeights | null {
  if (!(encoding instanceof CodebookEncoding)) return null;
  const { axis, children, centroidCount } = encoding;
  if (axis !== null && axis !== (shape.columnStride === 1 ? 1 : 0)) return null;
  const centroids = children.centroids.decode().data as Float32Array; // `codebook` checked both types
  const indices = children.indices.decode().data as Uint8Array;
  return { indices, centroids: scaled(centroids, alpha), centroidCount };
}
