import {
  ByteReader,
  type DataType,
  type DataTypeArrays,
  type Encoding,
  type EncodingKind,
  elementCount,
  encodingError,
  Tensor,
} from '@espalier/core';
import { decodeFloats, encodeFloats, type FloatOrder, readFloatStream } from './floats.js';
import { decodePositions, encodePositions, type PositionModel, readPositionStream } from './positions.js';
import {
  decodeSymbols,
  encodeSymbols,
  readSymbolStream,
  type SymbolHints,
  type SymbolNeighbours,
} from './symbols.js';

/** What a stream holds, and what it is guessed by. */
type Form =
  | { readonly holds: 'symbols'; readonly by: SymbolNeighbours }
  | { readonly holds: 'positions'; readonly by: PositionModel }
  | { readonly holds: 'floats'; readonly by: FloatOrder };

/** Forms by the number that a file has for them. */
const forms: readonly Form[] = [
  { holds: 'symbols', by: 'none' },
  { holds: 'symbols', by: 'before' },
  { holds: 'symbols', by: 'above' },
  { holds: 'positions', by: 'steady' },
  { holds: 'positions', by: 'mixed' },
  { holds: 'floats', by: 'any' },
  { holds: 'floats', by: 'rising' },
];

/** The low half of a form's byte; the high half tells how many low bits of a symbol are stored as they are. */
const FORM_MASK = 15;
const RAW_SHIFT = 4;

/** Element types that are coded. int8 is coded as its value plus 128. */
export type RangeCodedType = 'int8' | 'uint8' | 'float32';

/** int8 in the order of its values. */
const SIGN_BIT = 128;

/**
 * A stream coded by context-adaptive binary arithmetic coding: a leaf that stands in for any other leaf of int8, uint8
 * or float32. Its parameters are the number of a form and what that form needs; no count, which the shape tells.
 */
export class RangeCodedEncoding implements Encoding {
  readonly kind: string = 'range-coder';
  readonly type: RangeCodedType;
  readonly dims: readonly number[];
  readonly children: Encoding['children'] = {};
  readonly #params: Uint8Array;
  readonly #payload: Uint8Array;

  constructor(params: Uint8Array, payload: Uint8Array, type: RangeCodedType, dims: readonly number[]) {
    this.#params = params;
    this.#payload = payload;
    this.type = type;
    this.dims = dims;
  }

  get byteLength(): number {
    return this.#params.length + this.#payload.length;
  }

  /** @throws {FormatError} when the stream is damaged */
  decode(): Tensor<RangeCodedType> {
    return new Tensor<RangeCodedType>(this.type, this.#decode(), this.dims);
  }

  withChildren(): Encoding {
    return this;
  }

  params(): Uint8Array {
    return this.#params;
  }

  payload(): Uint8Array {
    return this.#payload;
  }

  #decode(): DataTypeArrays[RangeCodedType] {
    return openStream(this.#params, this.#payload, this.type, this.dims)();
  }
}

/** Checks all that is known without decoding, and gives what decodes. */
function openStream(
  bytes: Uint8Array,
  payload: Uint8Array,
  type: RangeCodedType,
  dims: readonly number[],
): () => Int8Array | Uint8Array | Float32Array {
  const params = new ByteReader(bytes, 'range-coder');
  const number = params.u8();
  const form = forms[number & FORM_MASK];
  const raw = number >> RAW_SHIFT;
  if (form === undefined || (raw > 0 && form.holds !== 'symbols'))
    throw params.error(`it has the form ${number}`);
  const count = elementCount(dims);
  const decode = openForm(form, raw, params, payload, type, count);
  if (params.left > 0) throw params.error(`${params.left} bytes of parameters are left over`);
  return decode;
}

function openForm(
  form: Form,
  raw: number,
  params: ByteReader,
  payload: Uint8Array,
  type: RangeCodedType,
  count: number,
): () => Int8Array | Uint8Array | Float32Array {
  if (
    (form.holds === 'floats') !== (type === 'float32') ||
    (form.holds === 'positions' && type !== 'uint8')
  ) {
    throw params.error(`${form.holds} are no ${type}`);
  }
  switch (form.holds) {
    case 'symbols': {
      const stream = readSymbolStream({ neighbours: form.by, raw }, params, payload, count);
      return () => signed(decodeSymbols(stream, payload, count), type);
    }
    case 'positions': {
      const stream = readPositionStream(params, payload, count);
      return () => decodePositions(form.by, stream, payload, count);
    }
    case 'floats': {
      const shift = readFloatStream(form.by, params, payload, count);
      return () => decodeFloats(form.by, shift, payload, count);
    }
    default:
      return form satisfies never;
  }
}

function signed(symbols: Uint8Array, type: RangeCodedType): Int8Array | Uint8Array {
  if (type !== 'int8') return symbols;
  const values = new Int8Array(symbols.buffer);
  for (let i = 0; i < values.length; i++) values[i] = symbols[i]! - SIGN_BIT;
  return values;
}

function encodingOf(
  form: Form,
  { params, payload }: { readonly params: Uint8Array; readonly payload: Uint8Array },
  type: RangeCodedType,
  dims: readonly number[],
  raw = 0,
): RangeCodedEncoding {
  const number =
    forms.findIndex(({ holds, by }) => holds === form.holds && by === form.by) | (raw << RAW_SHIFT);
  return new RangeCodedEncoding(Uint8Array.of(number, ...params), payload, type, dims);
}

/**
 * Codes small integers by the model that takes the fewest bytes.
 *
 * @param hints - the first symbol of a value above zero (for int8 it is known), and the symbols in a row
 */
export function rangeCoded(
  tensor: Tensor<'int8'> | Tensor<'uint8'>,
  hints: Partial<SymbolHints> = {},
): RangeCodedEncoding {
  const { type, data, dims } = tensor;
  const symbols =
    type === 'uint8' ? (data as Uint8Array) : Uint8Array.from(data, (value) => value + SIGN_BIT);
  const coded = encodeSymbols(symbols, { centre: SIGN_BIT, rowLength: rowLengthOf(dims), ...hints });
  return encodingOf({ holds: 'symbols', by: coded.neighbours }, coded, type, dims, coded.raw);
}

/** Elements behind each index of the first dimension; 0 for a list. */
function rowLengthOf(dims: readonly number[]): number {
  return dims.length < 2 ? 0 : elementCount(dims.slice(1));
}

/**
 * Codes the gaps of a sparse tensor as a map of the places that it keeps.
 *
 * @param gaps - as of `SparseEncoding`, reaching to less than `skip` before the end of the tensor
 * @param dims - of the sparse tensor: its first dimension counts rows
 */
export function rangeCodedGaps(gaps: Uint8Array, skip: number, dims: readonly number[]): RangeCodedEncoding {
  const length = elementCount(dims);
  const coded = encodePositions(gaps, length, Math.max(1, rowLengthOf(dims) || length), skip);
  return encodingOf({ holds: 'positions', by: coded.model }, coded, 'uint8', [gaps.length]);
}

/** Codes float32 bit for bit: rising ones such as centroids take some 21 bits each, biases some 28. */
export function rangeCodedFloats(tensor: Tensor<'float32'>): RangeCodedEncoding {
  const coded = encodeFloats(tensor.data);
  return encodingOf({ holds: 'floats', by: coded.order }, coded, 'float32', tensor.dims);
}

/** How `.espalier` files read the encoding back. */
export const rangeCoderKind: EncodingKind = {
  kind: 'range-coder',
  read(source) {
    const { type, dims, params, payload } = source;
    if (type !== 'int8' && type !== 'uint8' && type !== 'float32') {
      throw encodingError(source, `an arithmetic-coded stream of ${type satisfies DataType}`);
    }
    openStream(params, payload, type, dims);
    return new RangeCodedEncoding(params, payload, type, dims);
  },
};
