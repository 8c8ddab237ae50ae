import {
  allocate,
  bytesPerElement,
  DataError,
  type DataType,
  elementCount,
  FormatError,
  fromBytes,
  type TensorData,
} from '@espalier/core';
import type { ByteSource } from './byte-source.js';

/** An array whose first dim counts samples, read a few samples at a time. */
export interface Rows {
  /** What errors call it. */
  readonly name: string;
  readonly type: DataType;
  /** The whole shape, [N, ...sample]. */
  readonly dims: readonly number[];
  /** Samples `start` to `start + count` in one array, row-major, in the machine's byte order. */
  read(start: number, count: number): Promise<TensorData>;
  close(): Promise<void>;
}

/** Where and how an array lies in its bytes. */
export interface ArrayLayout {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly bigEndian: boolean;
  /** Columns first, as Fortran and `numpy.asfortranarray` store it. */
  readonly fortranOrder: boolean;
  /** Where the first element is. */
  readonly offset: number;
}

/** Above this a file is only read in slices: transposing one of these would need it all in memory. */
const TRANSPOSE_LIMIT = 2 ** 31;

/**
 * Samples of an uncompressed array: C order straight from the source, Fortran order by a copy in memory.
 *
 * @throws {FormatError} when the source has fewer bytes than the shape asks for
 */
export async function rowsOf(source: ByteSource, layout: ArrayLayout): Promise<Rows> {
  const { type, dims, bigEndian } = layout;
  checkSize(source, layout);
  const shape = dims.length === 0 ? [1] : dims;
  const perRow = elementCount(shape.slice(1));
  const elementBytes = bytesPerElement(type);
  const whole = layout.fortranOrder && dims.length > 1 ? await transposed(source, layout) : undefined;
  return {
    name: source.name,
    type,
    dims: shape,
    async read(start, count) {
      if (whole !== undefined) return whole.slice(start * perRow, (start + count) * perRow) as TensorData;
      const length = count * perRow * elementBytes;
      const bytes = await source.read(layout.offset + start * perRow * elementBytes, length);
      return fromBytes(type, bigEndian ? swapped(bytes, elementBytes) : bytes);
    },
    close: () => source.close(),
  };
}

/** The shape is only a claim: it is held against the bytes there are before anything is allocated. */
function checkSize({ name, sizeBytes }: ByteSource, { type, dims, offset }: ArrayLayout): void {
  // A product beyond 2^53 is inexact, but then far beyond any file.
  const wanted = offset + elementCount(dims) * bytesPerElement(type);
  if (wanted <= sizeBytes) return;
  throw new FormatError({
    what: `"${name}" declares ${type} [${dims.join(', ')}], which takes ${wanted} bytes; it has ${sizeBytes}.`,
    where: `byte ${sizeBytes}`,
    fix: 'The file is cut or its header is damaged: make it again.',
  });
}

/** The same bytes with each element's bytes reversed. */
function swapped(bytes: Uint8Array, elementBytes: number): Uint8Array {
  if (elementBytes === 1) return bytes;
  const out = bytes.slice();
  for (let i = 0; i < out.length; i += elementBytes) out.subarray(i, i + elementBytes).reverse();
  return out;
}

async function transposed(source: ByteSource, layout: ArrayLayout): Promise<TensorData> {
  const { type, dims, bigEndian, offset } = layout;
  const elementBytes = bytesPerElement(type);
  const count = elementCount(dims);
  if (count * elementBytes > TRANSPOSE_LIMIT) {
    throw new DataError({
      what: `"${source.name}" is in Fortran order and too large to transpose in memory.`,
      fix: 'Save numpy.ascontiguousarray(x) instead.',
    });
  }
  const bytes = await source.read(offset, count * elementBytes);
  const columns = fromBytes(type, bigEndian ? swapped(bytes, elementBytes) : bytes);
  const out = allocate(type, count);
  const strides = fortranStrides(dims);
  const index = new Array<number>(dims.length).fill(0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    out[to] = columns[from] ?? 0;
    // Counts up like an odometer, last dim fastest, and moves `from` along.
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const dim = dims[axis] ?? 1;
      const stride = strides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      from += stride;
      if (next < dim) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      from -= stride * dim;
    }
  }
  return out;
}

/** Elements between neighbours of each axis when the first axis is the fastest. */
function fortranStrides(dims: readonly number[]): number[] {
  let stride = 1;
  return dims.map((dim) => {
    const own = stride;
    stride *= dim;
    return own;
  });
}
