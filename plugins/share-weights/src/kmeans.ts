import { type Initialisation, initialCentroids, type Random } from './initial-centroids.js';
import { SortedSamples } from './sorted-samples.js';

/** How to cluster. */
export interface ClusterOptions {
  /** Largest number of centroids, 1..256. */
  readonly k: number;
  readonly init: Initialisation;
  /** For `random`: numbers in [0, 1), from the run's seed. */
  readonly random: Random;
  /** One centroid is 0 and stays there. */
  readonly holdZero: boolean;
  /** Lloyd's iterations at most; one costs k binary searches, so that this is no matter of time. */
  readonly maxIterations?: number;
}

const MAX_ITERATIONS = 1000;

/**
 * The centroids that Lloyd's algorithm ends at, exactly: rising, different, each with a member.
 *
 * In one dimension a cluster is a range of the sorted values, so an iteration needs no pass over them:
 * its borders are found by binary search and its mean is a difference of sums. A value half-way
 * between two centroids belongs to the lower one. A cluster without members moves to the value that
 * lies farthest from its centroid, as scikit-learn does; centroids that end without members (fewer
 * different values than k) are dropped, a held 0 never.
 *
 * @param values - finite; not changed
 * @returns float32 centroids, 1 to k; none for no values
 * @see Deep Compression (arXiv:1510.00149), section 3.1, equation 2
 */
export function cluster(values: Float32Array, options: ClusterOptions): Float32Array {
  return values.length === 0 ? new Float32Array(0) : clusterSamples(new SortedSamples(values), options);
}

/** The same for values that are sorted already, at least one. */
export function clusterSamples(samples: SortedSamples, options: ClusterOptions): Float32Array {
  const first = initialCentroids(samples, options.k, options.init, options.random);
  const held = options.holdZero ? holdZero(first) : -1;
  return distinct(lloyd(samples, first, held, options.maxIterations ?? MAX_ITERATIONS), samples, options);
}

/** Puts the centroid nearest to 0 there, and returns its index. */
function holdZero(centroids: Float64Array): number {
  let nearest = 0;
  for (let i = 1; i < centroids.length; i++) {
    if (Math.abs(centroids[i]!) < Math.abs(centroids[nearest]!)) nearest = i;
  }
  centroids[nearest] = 0;
  return nearest;
}

function lloyd(
  samples: SortedSamples,
  first: Float64Array,
  held: number,
  maxIterations: number,
): Float64Array {
  let centroids = first;
  let heldAt = held;
  let borders = bordersOf(samples, centroids);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const moved = means(samples, centroids, borders, heldAt);
    if (relocateEmpty(samples, moved, borders, heldAt)) {
      moved.sort();
      if (heldAt >= 0) heldAt = moved.indexOf(0);
    }
    const next = bordersOf(samples, moved);
    centroids = moved;
    if (sameNumbers(borders, next)) break;
    borders = next;
  }
  return centroids;
}

/** Cluster i has the sorted values from borders[i] up to borders[i + 1]. */
function bordersOf(samples: SortedSamples, centroids: Float64Array): Float64Array {
  const borders = new Float64Array(centroids.length + 1);
  for (let i = 1; i < centroids.length; i++) {
    borders[i] = samples.countUpTo((centroids[i - 1]! + centroids[i]!) / 2);
  }
  borders[centroids.length] = samples.length;
  return borders;
}

/** The mean of each cluster; where it has no members or is held, the centroid as it was. */
function means(
  samples: SortedSamples,
  centroids: Float64Array,
  borders: Float64Array,
  held: number,
): Float64Array {
  return centroids.map((centroid, i) => {
    const start = borders[i]!;
    const end = borders[i + 1]!;
    return i === held || start === end ? centroid : meanOf(samples, start, end);
  });
}

function meanOf(samples: SortedSamples, start: number, end: number): number {
  const mean = samples.sum(start, end) / (end - start);
  // A difference of long sums can lie an ulp outside; the mean of equal values is that value.
  return Math.min(Math.max(mean, samples.values[start]!), samples.values[end - 1]!);
}

/** Moves each centroid without members to a far value of another cluster; false where none had to. */
function relocateEmpty(
  samples: SortedSamples,
  centroids: Float64Array,
  borders: Float64Array,
  held: number,
): boolean {
  const empty: number[] = [];
  for (let i = 0; i < centroids.length; i++) if (i !== held && borders[i] === borders[i + 1]) empty.push(i);
  if (empty.length === 0) return false;
  const far = farthestValues(samples, centroids, borders);
  const moves = Math.min(empty.length, far.length);
  for (let i = 0; i < moves; i++) centroids[empty[i]!] = far[i]!;
  return moves > 0;
}

/** The outermost value of each cluster on either side, farthest from its centroid first, each once. */
function farthestValues(samples: SortedSamples, centroids: Float64Array, borders: Float64Array): number[] {
  const distances = new Map<number, number>();
  for (let i = 0; i < centroids.length; i++) {
    const start = borders[i]!;
    const end = borders[i + 1]!;
    if (start === end) continue;
    for (const value of [samples.values[start]!, samples.values[end - 1]!]) {
      const distance = Math.abs(value - centroids[i]!);
      if (distance > 0) distances.set(value, distance);
    }
  }
  return [...distances.keys()].sort((a, b) => distances.get(b)! - distances.get(a)! || a - b);
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, i) => value === b[i]);
}

/** As float32, equal ones merged, without those that no value is nearest to. */
function distinct(centroids: Float64Array, samples: SortedSamples, options: ClusterOptions): Float32Array {
  // Adding 0 makes -0 a 0: a zero weight decodes to +0.
  const single = [...new Set(Float32Array.from(centroids, (centroid) => centroid + 0))];
  const borders = bordersOf(samples, Float64Array.from(single));
  const used = single.filter(
    (centroid, i) => borders[i] !== borders[i + 1] || (options.holdZero && centroid === 0),
  );
  return Float32Array.from(used);
}
