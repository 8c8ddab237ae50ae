import { type Encoding, isBigInt, ModelError, PluginError, walkEncoding } from '@espalier/core';
import type { Header } from '../header/header.js';
import { MAX_DEPTH, MAX_ENCODINGS, MAX_PAYLOAD_BYTES, type Place, place, SECTION_BYTES } from '../layout.js';
import { packageOfKind } from '../package-of-kind.js';
import { assertAtMost } from './limits.js';
import type { StringTable } from './strings.js';

/** A payload that is written behind the header. Its bytes are asked for when they are copied. */
export interface Part {
  readonly encoding: Encoding;
  readonly length: number;
}

/** Integer constants of more elements than this are no shapes: they keep their bytes. */
const INLINE_ELEMENTS = 64;

/** Puts encoding trees into the header, and collects the payloads that go behind it. */
export class TreeWriter {
  /** Payloads below SECTION_BYTES, in the order of the trees. */
  readonly shared: Part[] = [];
  /** The others. */
  readonly own: Part[] = [];
  readonly #header: Header;
  readonly #strings: StringTable;
  readonly #params: Uint8Array[] = [];
  /** Kinds whose packages are in the header. */
  readonly #packaged = new Set<string>();
  #count = 0;

  constructor(header: Header, strings: StringTable) {
    this.#header = header;
    this.#strings = strings;
  }

  /** Writes a tree, parents first. `where` is for messages. */
  add(root: Encoding, where: string): void {
    for (const { encoding, path } of walkEncoding(root)) {
      if (path.length >= MAX_DEPTH) {
        throw new ModelError({ what: `Encodings are nested more than ${MAX_DEPTH} deep.`, where });
      }
      assertAtMost(MAX_ENCODINGS, ++this.#count, 'encodings');
      this.#one(encoding, [where, ...path].join(' > '));
    }
  }

  /** Puts the params of all trees, end to end, into the header. */
  finish(): void {
    const bytes = new Uint8Array(this.#params.reduce((sum, params) => sum + params.length, 0));
    let at = 0;
    for (const params of this.#params) {
      bytes.set(params, at);
      at += params.length;
    }
    this.#header.params = bytes;
  }

  #one(encoding: Encoding, where: string): void {
    const params = encoding.params();
    const length = payloadLength(encoding, params.length, where);
    const integers = inlineIntegers(encoding, length);
    const location = integers === null ? placeOf(length) : place.integers;
    this.#namePackage(encoding);
    const { trees } = this.#header;
    trees.push(this.#strings.add(encoding.kind) * 8 + (params.length > 0 ? 4 : 0) + location);
    if (params.length > 0) {
      trees.push(params.length);
      this.#params.push(params);
    }
    if (integers !== null) {
      for (const integer of integers) this.#header.integers.push(integer);
    } else if (length > 0) {
      trees.push(length);
      (location === place.own ? this.own : this.shared).push({ encoding, length });
    }
  }

  /** Says where the kind comes from, once, where its name does not say it. */
  #namePackage({ kind, package: name }: Encoding): void {
    if (name === undefined || name === packageOfKind(kind) || this.#packaged.has(kind)) return;
    this.#packaged.add(kind);
    this.#header.packages.push(this.#strings.add(kind), this.#strings.add(name));
  }
}

function placeOf(length: number): Place {
  if (length === 0) return place.none;
  return length < SECTION_BYTES ? place.shared : place.own;
}

/** Known without making the payload: what the encoding takes, less its params and children. */
function payloadLength(encoding: Encoding, paramsLength: number, where: string): number {
  let length = encoding.byteLength - paramsLength;
  for (const child of Object.values(encoding.children)) length -= child.byteLength;
  if (!Number.isInteger(length) || length < 0) {
    throw new PluginError({
      what: `The encoding "${encoding.kind}" says it has ${length} bytes of payload.`,
      where,
      fix: 'Update the plugin it comes from: byteLength is the sum of params, payload and children.',
    });
  }
  if (length > MAX_PAYLOAD_BYTES) {
    throw new ModelError({ what: `A payload of ${length} bytes is more than a file holds.`, where });
  }
  return length;
}

/** A small constant of wide integers as numbers, where they take fewer bytes so: shapes, axes. */
function inlineIntegers(encoding: Encoding, length: number): readonly bigint[] | null {
  const wide = isBigInt(encoding.type) || encoding.type === 'int32' || encoding.type === 'uint32';
  if (encoding.kind !== 'dense' || !wide || length === 0 || length > INLINE_ELEMENTS * 8) return null;
  const integers = Array.from(encoding.decode().data as ArrayLike<number | bigint>, BigInt);
  if (integers.some((integer) => BigInt.asIntN(64, integer) !== integer)) return null;
  const cost = integers.reduce((sum, integer) => sum + varintLength(integer), 0);
  return cost < length ? integers : null;
}

/** Bytes of a signed integer as a zigzag varint. */
function varintLength(integer: bigint): number {
  const magnitude = integer < 0n ? -integer - 1n : integer;
  return Math.ceil((magnitude.toString(2).length + 1) / 7);
}
