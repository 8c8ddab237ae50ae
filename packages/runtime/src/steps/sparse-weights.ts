import { CodebookEncoding, type Encoding, elementCount, SparseEncoding } from '@espalier/core';
import {
  type MatrixLayout,
  MOST_SPARSE_GEMM_I8_ROWS,
  MOST_SPARSE_ROWS,
  type SparseColumns,
  sparseColumns,
  sparseColumnsAt,
} from '@espalier/kernels';
import { type Refusal, refuse } from '../plan/job.js';
import type { IntegerWeight } from './operands.js';

/** Smaller ones have not been measured: what they take is mostly the call. */
const leastWeights = 2048;

/** Elements that are looked at before all are counted. */
const sampleSize = 1024;

/**
 * Whether at most a fraction `density` of a constant is not zero, in a matrix large enough for that to matter, and
 * with few enough rows for places of 16 bits.
 *
 * What a sparse encoding holds counts as not zero: nothing is decoded to find out.
 *
 * @param decode - the tensor of the encoding
 */
export function isPruned(
  encoding: Encoding,
  { k }: MatrixLayout,
  density: number,
  decode: () => ArrayLike<number>,
): boolean {
  const size = elementCount(encoding.dims);
  if (size < leastWeights || k > MOST_SPARSE_ROWS) return false;
  const limit = density * size;
  if (encoding instanceof SparseEncoding) return encoding.keptCount <= limit;
  if (encoding instanceof CodebookEncoding && !hasZero(encoding)) return false;
  return hasAtMost(decode(), limit);
}

/** Whether a codebook has a centroid that is zero. */
function hasZero({ children }: CodebookEncoding): boolean {
  return (children.centroids.decode().data as Float32Array).includes(0); // `codebook` checked the type
}

/** Whether no more than `limit` of the values are not zero. Dense weights are found out by a sample. */
function hasAtMost(values: ArrayLike<number>, limit: number): boolean {
  const step = Math.max(1, Math.floor(values.length / sampleSize));
  const sampled = Math.ceil(values.length / step);
  // Three times the deviation of a fraction of 1024, at most 1/64.
  const most = sampled * (limit / values.length + 3 / 64);
  if (countUpTo(values, step, most) > most) return false;
  return countUpTo(values, 1, limit) <= limit;
}

/** How many of every `step`th value are not zero; stops once there are more than `most`. */
function countUpTo(values: ArrayLike<number>, step: number, most: number): number {
  let count = 0;
  for (let i = 0; i < values.length && count <= most; i += step) if (values[i] !== 0) count++;
  return count;
}

/**
 * The elements of a matrix that are not zero. From a sparse encoding they are read without the others: the
 * dense tensor is never there.
 *
 * @param decode - the tensor of the encoding
 * @throws {FormatError} when the encoding was read from a damaged file
 */
export function keptElements<Values extends Float32Array | Int8Array>(
  encoding: Encoding,
  layout: MatrixLayout,
  decode: () => Values,
): SparseColumns<Values> {
  if (!(encoding instanceof SparseEncoding)) return sparseColumns(decode(), layout);
  const positions = positionsOf(encoding);
  const values = encoding.children.values.decode().data as Values; // of the type of the encoding
  // Where they do not fit each other, decoding says what is wrong.
  const fits = positions !== null && positions.length === values.length;
  return fits ? sparseColumnsAt(values, positions, layout) : sparseColumns(decode(), layout);
}

/** Where the values of a sparse encoding stand; null where there are not as many places as values. */
function positionsOf({ children, dims, skip, keptCount }: SparseEncoding): Uint32Array | null {
  const gaps = children.gaps.decode().data as Uint8Array; // as `sparse` checked
  const positions = new Uint32Array(keptCount);
  let position = 0;
  let found = 0;
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i] as number; // i < length
    position += gap;
    // A place past the last is dropped, and counted.
    if (gap !== skip) positions[found++] = position++;
  }
  return found === keptCount && position <= elementCount(dims) ? positions : null;
}

/** How to read pruned codes as a matrix; a refusal where zero is no code of 0, or too many are kept. */
export function prunedCodes(
  weight: IntegerWeight,
  layout: MatrixLayout,
  density: number,
): (() => SparseColumns<Int8Array>) | Refusal {
  const { encoding } = weight;
  if (encoding.type !== 'int8' || weight.zeroPoint.some((zero) => zero !== 0))
    return refuse('zero is not the code 0 of its weights');
  if (layout.k > MOST_SPARSE_GEMM_I8_ROWS) return refuse('it has more rows than its kernel can tell apart');
  const decode = (): Int8Array => weight.codes as Int8Array; // the type was compared above
  if (!isPruned(encoding, layout, density, decode)) return refuse('its weights are not pruned');
  return () => keptElements(encoding, layout, decode);
}
