import {
  CodebookEncoding,
  type Encoding,
  elementCount,
  positionsOf,
  SparseEncoding,
  sliceLayout,
  toFloat32,
} from '@espalier/core';
import type { ClusterConstraint } from '@espalier/train';
import { bookOf, type EncodingOptions } from './shared-encoding.js';

/** A constraint's list of centroids begins with the zero of pruned weights; those of the codebook follow. */
const ZERO = 0;

/**
 * The elements of a tree over a codebook as clusters that are trained together. What is zero stays zero, and every
 * other value of the codebook is a cluster; null where there is no codebook.
 *
 *     codebook(centroids, indices)           sparse(gaps, values: codebook(centroids, indices))
 *     codebook(centroids, indices: sparse)
 */
export function clustersOf(encoding: Encoding): ClusterConstraint | null {
  const book = codebookOf(encoding);
  if (book === null) return null;
  const centroids = toFloat32(book.children.centroids.decode());
  const clusters = clusterOfEach(book, centroids);
  const all = Float32Array.of(0, ...centroids);
  if (!(encoding instanceof SparseEncoding)) return { indices: clusters, centroids: all, zero: ZERO };
  const indices = new Uint16Array(elementCount(encoding.dims));
  const places = positionsOf(encoding.children.gaps.decode().data as Uint8Array, encoding.skip); // gaps are uint8
  for (let i = 0; i < places.length; i++) indices[places[i]!] = clusters[i]!;
  return { indices, centroids: all, zero: ZERO };
}

/**
 * The same tree over other centroids.
 *
 * @param trained - as in the constraint that `clustersOf` gave
 */
export function withCentroids(
  encoding: Encoding,
  trained: Float32Array,
  options: Pick<EncodingOptions, 'centroids'>,
): Encoding {
  const book = codebookOf(encoding);
  if (book === null) return encoding;
  const before = toFloat32(book.children.centroids.decode());
  // A zero of the codebook itself has no cluster: it stays.
  const values = trained.slice(1).map((value, i) => (before[i] === 0 ? 0 : value));
  const changed = book.withChildren({ centroids: bookOf(values, book.children.centroids.dims, options) });
  return encoding instanceof SparseEncoding ? encoding.withChildren({ values: changed }) : changed;
}

function codebookOf(encoding: Encoding): CodebookEncoding | null {
  const inner = encoding instanceof SparseEncoding ? encoding.children.values : encoding;
  return inner instanceof CodebookEncoding ? inner : null;
}

/** The cluster of each element of a codebook: one for each centroid of each slice, and one for all zeros. */
function clusterOfEach(book: CodebookEncoding, centroids: Float32Array): Uint16Array {
  const codes = book.children.indices.decode().data as Uint8Array; // a codebook's indices are uint8
  const { outer, slices, inner } =
    book.axis === null ? { outer: 1, slices: 1, inner: codes.length } : sliceLayout(book.dims, book.axis);
  const clusters = new Uint16Array(codes.length);
  for (let block = 0; block < outer * slices; block++) {
    const first = (block % slices) * book.centroidCount;
    for (let i = block * inner; i < (block + 1) * inner; i++) {
      const centroid = first + codes[i]!;
      clusters[i] = centroids[centroid] === 0 ? ZERO : 1 + centroid;
    }
  }
  return clusters;
}
