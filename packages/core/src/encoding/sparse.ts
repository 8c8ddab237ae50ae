import { ShapeError } from '../errors/errors.js';
import { allocate, type DataType } from '../tensor/data-type.js';
import { elementCount, Tensor } from '../tensor/tensor.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { type Encoding, type EncodingKind, encodingError } from './encoding.js';

/**
 * Mostly zeros: the kept values, and the distances between them.
 *
 * `gaps` is a stream of uint8 symbols. A symbol below `skip` means "pass over that many zeros, then
 * take the next value"; `skip` itself means "pass over `skip` zeros, no value". Deep Compression,
 * section 2, stores a filler zero there instead; this costs no value.
 */
export class SparseEncoding implements Encoding {
  readonly kind: string = 'sparse';
  readonly children: { readonly gaps: Encoding; readonly values: Encoding };
  readonly dims: readonly number[];
  readonly skip: number;

  constructor(gaps: Encoding, values: Encoding, dims: readonly number[], skip: number) {
    this.children = { gaps, values };
    this.dims = dims;
    this.skip = skip;
  }

  get type(): DataType {
    return this.children.values.type;
  }

  /** How many elements are kept. */
  get keptCount(): number {
    return this.children.values.dims[0] ?? 0;
  }

  get byteLength(): number {
    return this.params().length + this.children.gaps.byteLength + this.children.values.byteLength;
  }

  decode(): Tensor {
    const gaps = this.children.gaps.decode().data as Uint8Array;
    const values = this.children.values.decode().data;
    const out = allocate(this.type, elementCount(this.dims));
    // Both arrays are of one type, whichever it is; gaps are uint8, as `sparse` checked.
    if (scatter(out as Float32Array, values as Float32Array, gaps, this.skip) !== values.length) {
      throw encodingError({ where: 'sparse tensor' }, 'its gaps lead past its end');
    }
    return new Tensor(this.type, out, this.dims);
  }

  withChildren({ gaps, values }: Readonly<Record<string, Encoding>>): Encoding {
    return new SparseEncoding(
      gaps ?? this.children.gaps,
      values ?? this.children.values,
      this.dims,
      this.skip,
    );
  }

  params(): Uint8Array {
    const gapCount = this.children.gaps.dims[0] ?? 0;
    return new ByteWriter()
      .varint(this.keptCount)
      .varint(gapCount - this.keptCount)
      .u8(this.skip)
      .finish();
  }

  payload(): Uint8Array {
    return new Uint8Array();
  }
}

/** Writes the values at their places; returns how many found one. Typed as float32 for the compiler's sake. */
function scatter(out: Float32Array, values: Float32Array, gaps: Uint8Array, skip: number): number {
  let position = 0;
  let taken = 0;
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i] as number; // i < length
    position += gap;
    if (gap === skip) continue;
    if (position >= out.length || taken >= values.length) return -1;
    out[position++] = values[taken++] as number; // taken < length
  }
  return taken;
}

/**
 * The gap symbols of rising positions. They reach to the end of the tensor (less than `skip` zeros
 * before it), so that a reader can tell an honest shape from a claim.
 *
 * @param positions - rising indices of the kept elements, below `length`
 * @param length - elements of the whole tensor
 * @param skip - 1 to 255
 */
export function gapsOf(positions: Uint32Array, length: number, skip: number): Uint8Array {
  let count = positions.length;
  let previous = -1;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number; // i < length
    count += Math.floor((position - previous - 1) / skip);
    previous = position;
  }
  const gaps = new Uint8Array(count + Math.floor((length - previous - 1) / skip)).fill(skip);
  let at = 0;
  previous = -1;
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number; // i < length
    let gap = position - previous - 1;
    for (; gap >= skip; gap -= skip) at++;
    gaps[at++] = gap;
    previous = position;
  }
  return gaps;
}

/**
 * The places of the kept elements: the inverse of `gapsOf`.
 *
 * @param gaps - symbols as of `SparseEncoding.gaps`
 * @param skip - 1 to 255
 * @returns rising indices, as many as symbols other than `skip`
 */
export function positionsOf(gaps: Uint8Array, skip: number): Uint32Array {
  let count = 0;
  for (let i = 0; i < gaps.length; i++) if (gaps[i] !== skip) count++;
  const positions = new Uint32Array(count);
  let position = 0;
  let found = 0;
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i] as number; // i < length
    position += gap;
    if (gap !== skip) positions[found++] = position++;
  }
  return positions;
}

/**
 * @param gaps - uint8 symbols, [gapCount]
 * @param values - [keptCount], any type
 * @param skip - 1 to 255: the symbol that stands for a run without a value
 */
export function sparse(
  gaps: Encoding,
  values: Encoding,
  dims: readonly number[],
  skip: number,
): SparseEncoding {
  if (gaps.type !== 'uint8' || gaps.dims.length !== 1 || values.dims.length !== 1 || skip < 1 || skip > 255) {
    throw new ShapeError({
      what: `Gaps ${gaps.type}[${gaps.dims.join(', ')}] and values [${values.dims.join(', ')}] do not make a sparse tensor.`,
      fix: 'Pass uint8 gaps and values of rank 1, and a skip symbol from 1 to 255.',
    });
  }
  return new SparseEncoding(gaps, values, dims, skip);
}

export const sparseKind: EncodingKind = {
  kind: 'sparse',
  read(source) {
    const params = new ByteReader(source.params, source.where);
    const kept = params.varint();
    const gapCount = kept + params.varint();
    const skip = params.u8();
    const count = elementCount(source.dims);
    // Gaps reach to the end, so a shape can't claim much more than its symbols pass over.
    const reach = gapCount * (skip + 1) + skip;
    if (skip < 1 || kept > count || gapCount > count || reach < count)
      throw encodingError(source, `${kept} of ${count} elements kept by ${gapCount} gaps`);
    const gaps = source.child('gaps', 'uint8', [gapCount]);
    return new SparseEncoding(gaps, source.child('values', source.type, [kept]), source.dims, skip);
  },
};
