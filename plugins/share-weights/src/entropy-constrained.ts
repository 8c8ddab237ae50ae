import { log2 } from '@espalier/core';
import type { SortedSamples } from './sorted-samples.js';

/** Centroids, and the values at which one ends and the next begins. */
export interface Cells {
  /** Rising and different. */
  readonly centroids: Float32Array;
  /** A value above `borders[i]` belongs to a centroid behind i; a NaN at the end. */
  readonly borders: Float64Array;
}

/** How a code length weighs against a squared error. */
export interface EntropyOptions {
  /** Factor of the slope that the error has at these centroids; > 0. */
  readonly entropy: number;
  /** Index of the centroid that is 0 and has all zeros; -1 where there is none. */
  readonly held: number;
}

const MAX_ITERATIONS = 200;

/** What a bit less costs: at high rates the squared error is proportional to 2^(-2 bits). */
const SLOPE = 2 * Math.LN2;

/**
 * Entropy-constrained scalar quantization: each value goes to the centroid with the least (x - c)^2 + lambda * length,
 * where `length` is that of an ideal code of the centroid, -log2 of its share. Centroids that lose their last value go.
 *
 * `lambda` is `entropy` times the slope of the error of the given centroids, 2 ln 2 of their mean squared error: with 1 a bit
 * is saved where it costs no more than it would cost to take all bits away a little. In one dimension the costs of a value are
 * lines over it, less x^2: their lower envelope gives the borders, and an iteration needs no pass over the values.
 *
 * @param first - rising and different, each with a value; what k-means ended with
 * @see Chou, Lookabaugh and Gray 1989, "Entropy-constrained vector quantization"; Choi et al. 2017 (arXiv:1612.01543), section 4
 */
export function constrainEntropy(
  samples: SortedSamples,
  first: Float32Array,
  { entropy, held }: EntropyOptions,
): Cells {
  let cells = nearest(samples, Float64Array.from(first), held);
  const lambda = entropy * SLOPE * meanSquaredError(samples, cells);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const next = reassign(samples, withMeans(samples, cells), lambda);
    const isDone = sameNumbers(next.ends, cells.ends);
    cells = next;
    if (isDone) break;
  }
  return asFloats(samples, cells, lambda);
}

/** Centroids in rising order, where each ends among the sorted values, and which is held at 0. */
interface State {
  readonly centroids: Float64Array;
  readonly borders: Float64Array;
  /** Centroid i has the sorted values from ends[i - 1] up to ends[i]. */
  readonly ends: Float64Array;
  readonly held: number;
}

function nearest(samples: SortedSamples, centroids: Float64Array, held: number): State {
  return bounded(samples, centroids, new Float64Array(centroids.length), held);
}

/** Each centroid moved to the mean of its values. */
function withMeans(samples: SortedSamples, state: State): State {
  const { ends, held } = state;
  const centroids = state.centroids.map((centroid, i) => {
    const start = ends[i - 1] ?? 0;
    const end = ends[i]!;
    if (i === held || start === end) return centroid;
    const mean = samples.sum(start, end) / (end - start);
    return Math.min(Math.max(mean, samples.values[start]!), samples.values[end - 1]!);
  });
  return { ...state, centroids };
}

/** Each value to the centroid that it costs least at, lengths as the cells are now; without those that have none. */
function reassign(samples: SortedSamples, { centroids, ends, held }: State, lambda: number): State {
  const used = Array.from(centroids.keys()).filter((i) => ends[i]! > (ends[i - 1] ?? 0));
  const costs = Float64Array.from(
    used,
    (i) => lambda * (log2(samples.length) - log2(ends[i]! - (ends[i - 1] ?? 0))),
  );
  const kept = Float64Array.from(used, (i) => centroids[i]!);
  return bounded(samples, kept, costs, used.indexOf(held));
}

/** The cells of centroids with the cost of each; those that are best nowhere are left out. */
function bounded(samples: SortedSamples, centroids: Float64Array, costs: Float64Array, held: number): State {
  const stack: number[] = [];
  const starts: number[] = [];
  for (let i = 0; i < centroids.length; i++) {
    let start = -Infinity;
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      start = crossing(centroids[top]!, costs[top]!, centroids[i]!, costs[i]!);
      // The held one stays, whatever a code for it costs: it has the zeros.
      if (start > starts.at(-1)! || top === held) break;
      stack.pop();
      starts.pop();
      start = -Infinity;
    }
    stack.push(i);
    starts.push(start);
  }
  const at = stack.indexOf(held);
  const borders = Float64Array.from(stack, (_, i) => {
    const border = starts[i + 1] ?? NaN;
    // Zeros are for the held centroid alone.
    if (at < 0 || Number.isNaN(border)) return border;
    return i < at ? Math.min(border, -Number.MIN_VALUE) : Math.max(border, 0);
  });
  const ends = borders.map((border) => (Number.isNaN(border) ? samples.length : samples.countUpTo(border)));
  // With a held centroid a cell may end before the one below it.
  for (let i = 1; i < ends.length; i++) ends[i] = Math.max(ends[i]!, ends[i - 1]!);
  return { centroids: Float64Array.from(stack, (i) => centroids[i]!), borders, ends, held: at };
}

/** Where (x - a)^2 + costA and (x - b)^2 + costB are equal; a < b. */
function crossing(a: number, costA: number, b: number, costB: number): number {
  return (a + b) / 2 + (costB - costA) / (2 * (b - a));
}

/** With centroids as float32: equal ones merged, those without values left out. */
function asFloats(samples: SortedSamples, state: State, lambda: number): Cells {
  const centroids: number[] = [];
  const ends: number[] = [];
  let held = -1;
  for (const [i, centroid] of state.centroids.entries()) {
    // Adding 0 makes -0 a 0: a zero weight decodes to +0.
    const single = Math.fround(centroid) + 0;
    if (single === centroids.at(-1)) ends.pop();
    else centroids.push(single);
    ends.push(state.ends[i]!);
    if (i === state.held) held = centroids.length - 1;
  }
  const merged = { centroids: Float64Array.from(centroids), ends: Float64Array.from(ends), held };
  let last = reassign(samples, { ...merged, borders: new Float64Array() }, lambda);
  while (last.ends.some((end, i) => end === (last.ends[i - 1] ?? 0))) last = dropEmpty(last);
  return { centroids: Float32Array.from(last.centroids), borders: last.borders };
}

/** Without the first cell that has no values: those around it meet at its upper border. */
function dropEmpty({ centroids, borders, ends, held }: State): State {
  const empty = ends.findIndex((end, i) => end === (ends[i - 1] ?? 0));
  const others = (_: number, i: number): boolean => i !== empty;
  // The last cell has no upper border: then the one before it loses its own.
  const gone = empty === ends.length - 1 ? empty - 1 : empty;
  return {
    centroids: centroids.filter(others),
    borders: borders.filter((_, i) => i !== gone),
    ends: ends.filter(others),
    held: held > empty ? held - 1 : held,
  };
}

function meanSquaredError({ values, length }: SortedSamples, { centroids, ends }: State): number {
  let sum = 0;
  for (let i = 0; i < centroids.length; i++) {
    for (let at = ends[i - 1] ?? 0; at < ends[i]!; at++) {
      const difference = values[at]! - centroids[i]!;
      sum += difference * difference;
    }
  }
  return sum / length;
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
