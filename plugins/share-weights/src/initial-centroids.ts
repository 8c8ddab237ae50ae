import type { SortedSamples } from './sorted-samples.js';

/** Where k-means starts. Deep Compression, section 3.2, names the three. */
export type Initialisation = 'linear' | 'density' | 'random';

/** A number of at least 0 and below 1, from the run's seed. */
export type Random = () => number;

/**
 * The first centroids, rising.
 *
 * - `linear`: evenly spaced from the least to the largest value. Large weights are few and matter
 *   most; the paper finds this the best.
 * - `density`: values at evenly spaced heights of the cumulative distribution, (i + 1/2) / k.
 * - `random` (Forgy): k of the values, drawn without replacement.
 *
 * @param samples - at least one
 * @param k - 1 or more
 * @see Deep Compression (arXiv:1510.00149), section 3.2 and figure 6
 */
export function initialCentroids(
  samples: SortedSamples,
  k: number,
  init: Initialisation,
  random: Random,
): Float64Array {
  switch (init) {
    case 'linear':
      return linear(samples, k);
    case 'density':
      return density(samples, k);
    case 'random':
      return forgy(samples, k, random);
    default:
      init satisfies never;
      throw new RangeError(`There is no initialisation "${String(init)}".`);
  }
}

function linear({ values, length }: SortedSamples, k: number): Float64Array {
  const least = values[0]!;
  const largest = values[length - 1]!;
  if (k === 1) return Float64Array.of((least + largest) / 2);
  return Float64Array.from({ length: k }, (_, i) => least + ((largest - least) * i) / (k - 1));
}

function density({ values, length }: SortedSamples, k: number): Float64Array {
  return Float64Array.from({ length: k }, (_, i) => values[Math.floor(((i + 0.5) / k) * length)]!);
}

function forgy({ values, length }: SortedSamples, k: number, random: Random): Float64Array {
  if (length <= k) return Float64Array.from(values);
  const drawn = new Set<number>();
  // Floyd's sampling: k draws give k different places, whatever their number.
  for (let last = length - k; last < length; last++) {
    const place = Math.floor(random() * (last + 1));
    drawn.add(drawn.has(place) ? last : place);
  }
  return Float64Array.from(
    [...drawn].sort((a, b) => a - b),
    (place) => values[place]!,
  );
}
