import {
  allocate,
  type DataType,
  type Encoding,
  type EncodingKind,
  elementCount,
  encodingError,
  integerRange,
  isBigInt,
  isFloat,
  toBytes,
  UnsupportedError,
} from '@espalier/core';
import { MAX_DEPTH, MAX_ELEMENTS, place } from '../layout.js';
import { isPackageName, packageOfKind } from '../package-of-kind.js';
import type { NumberReader } from './number-reader.js';
import type { Stored } from './stored.js';

/** What trees are read from. */
export interface TreeSource {
  /** The nodes of all trees, parents first. */
  readonly stored: readonly Stored[];
  readonly integers: NumberReader<bigint>;
  readonly kinds: ReadonlyMap<string, EncodingKind>;
  /** What the file says of where kinds come from: npm packages by kind. */
  readonly packages: ReadonlyMap<string, string>;
}

const empty = new Uint8Array();

/** Reads one tree after the other, each by the kinds it is made of. */
export class TreeReader {
  readonly #source: TreeSource;
  #next = 0;

  constructor(source: TreeSource) {
    this.#source = source;
  }

  /** Trees that nobody asked for yet, counted by their encodings. */
  get left(): number {
    return this.#source.stored.length - this.#next;
  }

  /**
   * The next tree, which decodes to the given type and shape.
   *
   * @param where - for messages: what it belongs to
   */
  read(type: DataType, dims: readonly number[], where: string): Encoding {
    return this.#read(type, dims, where, 0);
  }

  #read(type: DataType, dims: readonly number[], path: string, depth: number): Encoding {
    const stored = this.#source.stored[this.#next++];
    if (stored === undefined) throw encodingError({ where: path }, 'its encodings end too soon');
    const where = stored.offset === null ? path : `${path}, byte ${stored.offset}`;
    if (depth >= MAX_DEPTH) throw encodingError({ where }, `its encodings nest more than ${MAX_DEPTH} deep`);
    assertSize({ where }, dims);
    const kind = this.#kind(stored.kind, where);
    const encoding = kind.read({
      type,
      dims,
      where,
      params: stored.params,
      payload: this.#payload(stored, type, dims, where),
      child: (slot, childType, childDims) => this.#read(childType, childDims, `${path} > ${slot}`, depth + 1),
    });
    if (encoding.type !== type || encoding.dims.join() !== dims.join()) {
      throw encodingError({ where }, `${stored.kind} gives ${encoding.type}[${encoding.dims.join(', ')}]`);
    }
    return encoding;
  }

  #kind(name: string, where: string): EncodingKind {
    const kind = this.#source.kinds.get(name);
    if (kind !== undefined) return kind;
    const said = this.#source.packages.get(name) ?? packageOfKind(name);
    throw new UnsupportedError({
      what: `The file uses the weight encoding "${name}", which is not registered here.`,
      where,
      fix: isPackageName(said)
        ? `Install the plugin that brings it, npm install ${said}, and pass it to the reader.`
        : 'Install the plugin that brings it, and pass it to the reader.',
    });
  }

  #payload(stored: Stored, type: DataType, dims: readonly number[], where: string): Uint8Array {
    if (stored.place === place.integers) return this.#integers(type, elementCount(dims), where);
    return stored.payload ?? empty;
  }

  /** Small constants of integers, which the header holds as numbers. */
  #integers(type: DataType, count: number, where: string): Uint8Array {
    if (isFloat(type) || type === 'bool') throw encodingError({ where }, `${type} is stored as integers`);
    const { integers } = this.#source;
    const taken = integers.takeAll(count);
    const { min, max } = isBigInt(type) ? wideRange(type) : integerRange(type);
    const data = allocate(type, count);
    for (const [i, integer] of taken.entries()) {
      if (integer < min || integer > max) throw integers.error(`${integer} is no ${type}`);
      data[i] = isBigInt(type) ? integer : Number(integer);
    }
    return toBytes(data);
  }
}

function wideRange(type: 'int64' | 'uint64'): { readonly min: bigint; readonly max: bigint } {
  return type === 'int64' ? { min: -(2n ** 63n), max: 2n ** 63n - 1n } : { min: 0n, max: 2n ** 64n - 1n };
}

function assertSize(place: { readonly where: string }, dims: readonly number[]): void {
  const count = elementCount(dims);
  if (dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0) && count <= MAX_ELEMENTS) return;
  throw encodingError(place, `its shape is [${dims.join(', ')}]`);
}
