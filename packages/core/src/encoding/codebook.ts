import { ShapeError } from '../errors/errors.js';
import type { DataType } from '../tensor/data-type.js';
import { elementCount, Tensor } from '../tensor/tensor.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { type Encoding, type EncodingKind, encodingError } from './encoding.js';
import { sliceLayout } from './slices.js';

/**
 * Shared weights: each element is the index of one of k centroids. Deep Compression, section 3.
 *
 * `centroids` has the shape [k], or [slices, k] where every slice along `axis` has its own.
 */
export class CodebookEncoding implements Encoding {
  readonly kind: string = 'codebook';
  readonly type: DataType = 'float32';
  readonly children: { readonly centroids: Encoding; readonly indices: Encoding };
  readonly axis: number | null;

  constructor(centroids: Encoding, indices: Encoding, axis: number | null) {
    this.children = { centroids, indices };
    this.axis = axis;
  }

  get dims(): readonly number[] {
    return this.children.indices.dims;
  }

  /** Centroids of one slice. */
  get centroidCount(): number {
    return this.children.centroids.dims.at(-1) ?? 0;
  }

  get byteLength(): number {
    return this.params().length + this.children.centroids.byteLength + this.children.indices.byteLength;
  }

  decode(): Tensor<'float32'> {
    // `codebook` and the reader of files make it of these types only.
    const centroids = this.children.centroids.decode().data as Float32Array;
    const indices = this.children.indices.decode().data as Uint8Array;
    const out = new Float32Array(indices.length);
    const k = this.centroidCount;
    if (this.axis === null) {
      lookUp(out, indices, centroids, k, 0, 0, indices.length);
      return new Tensor('float32', out, this.dims);
    }
    const { outer, slices, inner } = sliceLayout(this.dims, this.axis);
    for (let o = 0; o < outer; o++) {
      for (let s = 0; s < slices; s++) {
        const start = (o * slices + s) * inner;
        lookUp(out, indices, centroids, k, s * k, start, start + inner);
      }
    }
    return new Tensor('float32', out, this.dims);
  }

  withChildren({ centroids, indices }: Readonly<Record<string, Encoding>>): Encoding {
    return new CodebookEncoding(
      centroids ?? this.children.centroids,
      indices ?? this.children.indices,
      this.axis,
    );
  }

  params(): Uint8Array {
    return new ByteWriter()
      .varint(this.axis === null ? 0 : this.axis + 1)
      .varint(this.centroidCount)
      .finish();
  }

  payload(): Uint8Array {
    return new Uint8Array();
  }
}

/**
 * Runs this long look up in a table without a check an element. Making one for each element of a
 * 784 x 300 matrix shared along its last axis took 120 ms, the lookups take 1.
 */
const tableWorthwhile = 1024;

function lookUp(
  out: Float32Array,
  indices: Uint8Array,
  centroids: Float32Array,
  k: number,
  base: number,
  start: number,
  end: number,
): void {
  // An index from a damaged file reads NaN, not the next slice's centroid.
  if (end - start < tableWorthwhile) {
    for (let i = start; i < end; i++) {
      const index = indices[i] as number; // i < end <= length
      out[i] = index < k ? (centroids[base + index] as number) : NaN; // base + k <= length
    }
    return;
  }
  const table = new Float32Array(256).fill(NaN);
  table.set(centroids.subarray(base, base + k));
  for (let i = start; i < end; i++) out[i] = table[indices[i] as number] as number; // i < end <= length
}

/**
 * @param centroids - float32, [k], or [slices, k] with `axis`; 1 <= k <= 256
 * @param indices - uint8, each below k
 * @throws {ShapeError} when these do not fit each other
 */
export function codebook(
  centroids: Encoding,
  indices: Encoding,
  axis: number | null = null,
): CodebookEncoding {
  const k = centroids.dims.at(-1) ?? 0;
  const slices = axis === null ? [] : [indices.dims[axis]];
  const wanted = [...slices, k].join(', ');
  if (
    centroids.type !== 'float32' ||
    indices.type !== 'uint8' ||
    centroids.dims.join(', ') !== wanted ||
    k < 1 ||
    k > 256
  ) {
    throw new ShapeError({
      what: `Centroids ${centroids.type}[${centroids.dims.join(', ')}] do not fit indices ${indices.type}[${indices.dims.join(', ')}].`,
      fix: `Pass float32[${wanted}] with at most 256 centroids and uint8 indices.`,
    });
  }
  return new CodebookEncoding(centroids, indices, axis);
}

export const codebookKind: EncodingKind = {
  kind: 'codebook',
  read(source) {
    const params = new ByteReader(source.params, source.where);
    const axisPlusOne = params.varint();
    const k = params.varint();
    const axis = axisPlusOne === 0 ? null : axisPlusOne - 1;
    if (axis !== null && axis >= source.dims.length) throw encodingError(source, `codebook axis ${axis}`);
    if (k < 1 || k > 256) throw encodingError(source, `${k} centroids`);
    if (source.type !== 'float32') throw encodingError(source, `a codebook of ${source.type}`);
    const slices = axis === null ? [] : [source.dims[axis] ?? 0];
    const centroids = source.child('centroids', 'float32', [...slices, k]);
    return new CodebookEncoding(centroids, source.child('indices', 'uint8', source.dims), axis);
  },
};

/**
 * Whether every index has a centroid. Reading a file does not ask, since it would decode all of it: an index
 * without a centroid decodes to NaN, and a file that was damaged fails its checksum.
 */
export function indicesInRange(encoding: CodebookEncoding): boolean {
  const indices = encoding.children.indices.decode().data as Uint8Array;
  return (
    elementCount(encoding.dims) === indices.length && indices.every((index) => index < encoding.centroidCount)
  );
}
