import type { SliceLayout } from '@espalier/core';
import { assignBetween, assignNearest } from './assign.js';
import { constrainEntropy } from './entropy-constrained.js';
import type { Initialisation, Random } from './initial-centroids.js';
import { type ClusterOptions, clusterSamples } from './kmeans.js';
import { SortedSamples } from './sorted-samples.js';

/** What codebooks are made by. */
export interface SharingOptions {
  /** 2^bits values at most; 1..8. */
  readonly bits: number;
  readonly init: Initialisation;
  readonly random: Random;
  /** How much a bit of code length counts beside the error; 0 for nothing, which is plain k-means. */
  readonly entropy: number;
}

/** Shared values, and which of them each weight has. */
export interface Sharing {
  /** `count` for each slice, one slice after the other. */
  readonly centroids: Float32Array;
  /** Centroids of one slice, at most 2^bits. */
  readonly count: number;
  /** One for each weight, each below `count`. */
  readonly indices: Uint8Array;
}

/**
 * One codebook for all weights. Where some are 0, one centroid is 0: what was pruned stays pruned.
 *
 * @param values - finite
 */
export function shareTogether(values: Float32Array, options: SharingOptions): Sharing {
  // A codebook is never empty, even that of no weights.
  if (values.length === 0) return { centroids: new Float32Array(1), count: 1, indices: new Uint8Array(0) };
  const { centroids, indices } = share(values, 2 ** options.bits, values.includes(0), options);
  return { centroids, count: centroids.length, indices };
}

/** At most `k` values for all of them, at least one. */
function share(
  values: Float32Array,
  k: number,
  holdZero: boolean,
  { init, random, entropy }: SharingOptions,
): Pick<Sharing, 'centroids' | 'indices'> {
  const samples = new SortedSamples(values);
  const options: ClusterOptions = { k, init, random, holdZero };
  const centroids = clusterSamples(samples, options);
  const indices = new Uint8Array(values.length);
  if (entropy === 0) {
    assignNearest(values, centroids, indices);
    return { centroids, indices };
  }
  const held = holdZero ? centroids.indexOf(0) : -1;
  const cells = constrainEntropy(samples, centroids, { entropy, held });
  assignBetween(values, cells.borders, indices);
  return { centroids: cells.centroids, indices };
}

/**
 * One codebook for each slice. Where any weight is 0, the first centroid of every slice is 0 and
 * stands for these alone, so that a sparse tensor of indices has zeros where the weights have.
 *
 * @param values - finite, seen as [outer, slices, inner]
 */
export function shareBySlice(values: Float32Array, layout: SliceLayout, options: SharingOptions): Sharing {
  const zeros = values.includes(0) ? 1 : 0;
  const k = 2 ** options.bits - zeros;
  const books: Float32Array[] = [];
  const indices = new Uint8Array(values.length);
  for (let slice = 0; slice < layout.slices; slice++) {
    const places = placesOf(values, layout, slice);
    const own = new Float32Array(places.length);
    for (let i = 0; i < places.length; i++) own[i] = values[places[i]!]!;
    const { centroids, indices: found } = own.length === 0 ? nothing : share(own, k, false, options);
    for (let i = 0; i < places.length; i++) indices[places[i]!] = found[i]! + zeros;
    books.push(centroids);
  }
  return { ...padded(books, zeros), indices };
}

const nothing: Pick<Sharing, 'centroids' | 'indices'> = {
  centroids: new Float32Array(),
  indices: new Uint8Array(),
};

/** Where the weights of a slice stand that are not 0, in order. */
function placesOf(values: Float32Array, { outer, slices, inner }: SliceLayout, slice: number): Uint32Array {
  const places = new Uint32Array(outer * inner);
  let count = 0;
  for (let o = 0; o < outer; o++) {
    const start = (o * slices + slice) * inner;
    for (let i = start; i < start + inner; i++) if (values[i] !== 0) places[count++] = i;
  }
  return places.subarray(0, count);
}

/** Codebooks of one length: `zeros` zeros, the slice's own centroids, then its last one again. */
function padded(books: readonly Float32Array[], zeros: number): Pick<Sharing, 'centroids' | 'count'> {
  const count = Math.max(1, ...books.map((book) => zeros + book.length));
  const centroids = new Float32Array(count * books.length);
  for (const [slice, book] of books.entries()) {
    const start = slice * count;
    centroids.set(book, start + zeros);
    centroids.fill(book.at(-1) ?? 0, start + zeros + book.length, start + count);
  }
  return { centroids, count };
}
