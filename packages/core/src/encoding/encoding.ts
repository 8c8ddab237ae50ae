import { FormatError } from '../errors/errors.js';
import type { DataType } from '../tensor/data-type.js';
import type { Tensor } from '../tensor/tensor.js';

/**
 * How a constant tensor is held: an expression that says how to decode it.
 *
 *     sparse(gaps: huffman, values: codebook(centroids: dense, indices: huffman))   Deep Compression
 *     affine(codes: huffman)                                                        int8, then coded
 *
 * A kind either ends the tree (dense, packed, huffman) or is made of children by slot. Passes wrap a
 * leaf or replace one; kinds of other plugins are at home in every slot. Immutable.
 */
export interface Encoding {
  /** The registered name of the kind. */
  readonly kind: string;
  /**
   * The npm package that brings the kind. A file names it, and a reader that lacks the kind tells its user.
   * Left out by core's kinds, and where it is `@espalier/plugin-` and the kind.
   */
  readonly package?: string;
  /** Element type and shape of what `decode` returns. */
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Sub-trees by slot, in the order in which they are stored. */
  readonly children: Readonly<Record<string, Encoding>>;
  /** Bytes of `params`, `payload` and all children: what it costs in a file, framing aside. */
  readonly byteLength: number;
  /** Computes the tensor. What every runtime computes with. */
  decode(): Tensor;
  /** The same kind over other sub-trees, each of the type and shape of the one it replaces. */
  withChildren(children: Readonly<Record<string, Encoding>>): Encoding;
  /** The small part of its serialised form: counts, tables, scales. */
  params(): Uint8Array;
  /** The bulk of its serialised form. */
  payload(): Uint8Array;
}

/** What a kind reads itself back from. Nothing in it is trusted: check before you allocate. */
export interface EncodingSource {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly params: Uint8Array;
  readonly payload: Uint8Array;
  /** For messages: the tensor's name and the path of slots. */
  readonly where: string;
  /**
   * The next sub-tree, in the order in which `children` has them. It decodes to the given type and
   * shape, or the call throws.
   */
  child(slot: string, type: DataType, dims: readonly number[]): Encoding;
}

/** A registered kind. Plugins contribute these through the ENCODING token. */
export interface EncodingKind {
  readonly kind: string;
  /** @throws {FormatError} when the source contradicts itself */
  read(source: EncodingSource): Encoding;
}

/** Sum of params, payload and children, for kinds whose parts are cheap to make. */
export function sumBytes(encoding: Pick<Encoding, 'children' | 'params' | 'payload'>): number {
  let bytes = encoding.params().length + encoding.payload().length;
  for (const child of Object.values(encoding.children)) bytes += child.byteLength;
  return bytes;
}

/** `sparse(gaps: huffman, values: codebook(…))`. */
export function describeEncoding(encoding: Encoding): string {
  const children = Object.entries(encoding.children).map(
    ([slot, child]) => `${slot}: ${describeEncoding(child)}`,
  );
  return children.length === 0 ? leafName(encoding) : `${encoding.kind}(${children.join(', ')})`;
}

function leafName({ kind, type }: Encoding): string {
  return kind === 'dense' ? type : kind;
}

/** Rebuilds a tree from its leaves up: `change` sees every encoding, its children already changed. */
export function mapEncoding(encoding: Encoding, change: (encoding: Encoding) => Encoding): Encoding {
  const entries = Object.entries(encoding.children);
  const children = entries.map(([slot, child]) => [slot, mapEncoding(child, change)] as const);
  const changed = children.some(([slot, child]) => child !== encoding.children[slot]);
  return change(changed ? encoding.withChildren(Object.fromEntries(children)) : encoding);
}

/** All encodings of a tree, parents first, with the path of slots that leads to each. */
export function* walkEncoding(
  encoding: Encoding,
  path: readonly string[] = [],
): Generator<{ encoding: Encoding; path: readonly string[] }> {
  yield { encoding, path };
  for (const [slot, child] of Object.entries(encoding.children)) yield* walkEncoding(child, [...path, slot]);
}

/** An error of a damaged encoding. */
export function encodingError(source: Pick<EncodingSource, 'where'>, what: string): FormatError {
  return new FormatError({
    what: `A stored tensor is damaged: ${what}.`,
    where: source.where,
    fix: 'Get or make the file again.',
  });
}
