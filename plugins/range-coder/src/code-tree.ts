import {
  CastEncoding,
  CodebookEncoding,
  DenseEncoding,
  type Encoding,
  elementCount,
  gapsOf,
  positionsOf,
  SparseEncoding,
  type Tensor,
} from '@espalier/core';
import { rangeCoded, rangeCodedFloats, rangeCodedGaps } from './range-coded-encoding.js';
import { centreOf, sortedCodebook } from './sorted-codebook.js';

/** What a tree is coded by. */
export interface CodingOptions {
  /** Whether float32 is coded too. */
  readonly floats: boolean;
}

/** Longer constants of float32 stay as they are: they would get a sixth shorter, and take long to load. */
const MOST_FLOATS: number = 2 ** 16;

/** The same tree with every leaf coded that takes fewer bytes so; the tree itself where none does. */
export function codeTree(encoding: Encoding, options: CodingOptions): Encoding {
  if (encoding instanceof SparseEncoding) return codeSparse(encoding, options);
  if (encoding instanceof CodebookEncoding) return codeCodebook(encoding, options);
  const entries = Object.entries(encoding.children);
  // float16 read as float32: its low bits are zeros, which are not stored.
  if (entries.length === 0 || isHalf(encoding)) return codeLeaf(encoding, options, {});
  return withCoded(
    encoding,
    Object.fromEntries(entries.map(([slot, child]) => [slot, codeTree(child, options)])),
  );
}

/** The encoding over other children; itself where they are its own. */
function withCoded(encoding: Encoding, children: Readonly<Record<string, Encoding>>): Encoding {
  const changed = Object.entries(children).some(([slot, child]) => child !== encoding.children[slot]);
  return changed ? encoding.withChildren(children) : encoding;
}

function codeSparse(encoding: SparseEncoding, options: CodingOptions): Encoding {
  return withCoded(encoding, {
    gaps: codeGaps(encoding, options),
    values: codeTree(encoding.children.values, options),
  });
}

/** Gaps as a map of positions or as symbols, whichever is shorter. */
function codeGaps({ children, skip, dims }: SparseEncoding, options: CodingOptions): Encoding {
  const asSymbols = codeLeaf(children.gaps, options, {});
  if (Object.keys(children.gaps.children).length > 0 || isCoded(children.gaps)) return asSymbols;
  const gaps = children.gaps.decode().data as Uint8Array; // as `sparse` checked
  // Gaps of others may end sooner than ours, or have a skip too many: a map would not give them back.
  const usual = gapsOf(positionsOf(gaps, skip), elementCount(dims), skip);
  if (usual.length !== gaps.length || usual.some((gap, i) => gap !== gaps[i])) return asSymbols;
  const asMap = rangeCodedGaps(gaps, skip, dims);
  return asMap.byteLength < asSymbols.byteLength ? asMap : asSymbols;
}

/** Centroids in rising order where that is shorter: the decoded weights are the same. */
function codeCodebook(encoding: CodebookEncoding, options: CodingOptions): Encoding {
  const asIs = codeParts(encoding, options);
  const sorted = sortedCodebook(encoding);
  if (sorted === null) return asIs;
  const inOrder = codeParts(sorted, options);
  return inOrder.byteLength < asIs.byteLength ? inOrder : asIs;
}

function codeParts(encoding: CodebookEncoding, options: CodingOptions): Encoding {
  const { centroids, indices } = encoding.children;
  const isLeaf = Object.keys(indices.children).length === 0;
  const centre = encoding.axis === null ? centreOf(encoding) : encoding.centroidCount >> 1;
  return withCoded(encoding, {
    centroids: codeTree(centroids, options),
    indices: isLeaf ? codeLeaf(indices, options, { centre }) : codeTree(indices, options),
  });
}

function codeLeaf(
  encoding: Encoding,
  { floats }: CodingOptions,
  hints: { readonly centre?: number },
): Encoding {
  if (isCoded(encoding) || elementCount(encoding.dims) === 0) return encoding;
  if (encoding.type === 'uint8' || encoding.type === 'int8') {
    const coded = rangeCoded(encoding.decode() as Tensor<'uint8'>, hints); // of the type just seen
    return coded.byteLength < encoding.byteLength ? coded : encoding;
  }
  const isFloats = encoding.type === 'float32' && (encoding instanceof DenseEncoding || isHalf(encoding));
  if (!floats || !isFloats) return encoding;
  if (elementCount(encoding.dims) > MOST_FLOATS) return encoding;
  const coded = rangeCodedFloats(encoding.decode() as Tensor<'float32'>); // likewise
  return coded.byteLength < encoding.byteLength ? coded : encoding;
}

/** A cast of plain float16. */
function isHalf(encoding: Encoding): boolean {
  return encoding instanceof CastEncoding && encoding.children.source instanceof DenseEncoding;
}

function isCoded({ kind }: Encoding): boolean {
  return kind === 'range-coder';
}
