import type { ActivationRange, Calibrator, Observer } from '@espalier/core';
import { Histogram } from './histogram.js';
import { MinMaxObserver } from './min-max.js';
import { naturalLogarithm } from './natural-logarithm.js';

/** Thresholds that are tried, at most: evenly between the least one and all that was seen. */
const mostTried = 128;

/** Of the mass of a level that has none, so that its logarithm is finite. */
const least = 1e-9;

/**
 * The range whose codes tell most of how the values are spread: the least Kullback-Leibler divergence between
 * the histogram, what is cut off counted at the ends, and the same held in as many steps as there are codes.
 *
 * @see Migacz, "8-bit inference with TensorRT", GTC 2017; ONNX Runtime, quantization/calibrate.py
 */
class EntropyObserver implements Observer {
  readonly #all = new MinMaxObserver();
  readonly #histogram = new Histogram();
  readonly #levels: number;

  /** @param levels - codes there are */
  constructor(levels: number) {
    this.#levels = levels;
  }

  see(values: Float32Array, extremes: ActivationRange): void {
    this.#all.see(values, extremes);
    this.#histogram.add(values, extremes);
  }

  range(): ActivationRange | null {
    const all = this.#all.range();
    if (all === null) return null;
    const { counts, binWidth } = this.#histogram;
    const zero = counts.length / 2;
    const first = Math.max(0, Math.floor(all.min / binWidth) + zero);
    const end = Math.min(counts.length, Math.floor(all.max / binWidth) + zero + 1);
    const reach = Math.max(zero - first, end - zero);
    // With fewer bins than codes nothing is merged, and nothing lost.
    const narrowest = Math.min(reach, this.#levels);
    const stride = Math.max(1, Math.ceil((reach - narrowest) / mostTried));
    let best = { divergence: Infinity, reach };
    for (let tried = reach; tried >= narrowest; tried -= stride) {
      const [from, to] = [Math.max(first, zero - tried), Math.min(end, zero + tried)];
      const divergence = divergenceOf(counts, from, to, this.#levels);
      if (divergence < best.divergence) best = { divergence, reach: tried };
    }
    const width = best.reach * binWidth;
    return { min: Math.max(all.min, -width), max: Math.min(all.max, width) };
  }
}

/**
 * Kullback-Leibler divergence, in nats, of a histogram cut to [from, to) and held in `levels` steps.
 * Bins without values stay without: each step spreads what it holds over those that have some.
 */
export function divergenceOf(counts: Float64Array, from: number, to: number, levels: number): number {
  const [below, above] = [sumOf(counts, 0, from), sumOf(counts, to, counts.length)];
  const inside = sumOf(counts, from, to);
  const total = below + inside + above;
  if (inside === 0) return Infinity;
  const size = to - from;
  let divergence = 0;
  for (let level = 0; level < levels; level++) {
    const start = from + Math.floor((level * size) / levels);
    const end = from + Math.floor(((level + 1) * size) / levels);
    let [held, filled] = [0, 0];
    for (let bin = start; bin < end; bin++) {
      const count = counts[bin] as number; // bins are in the histogram
      const isEnd = (bin === from && below > 0) || (bin === to - 1 && above > 0);
      held += count;
      if (count > 0 || isEnd) filled++;
    }
    for (let bin = start; bin < end; bin++) {
      const own = counts[bin] as number; // likewise
      const count = own + (bin === from ? below : 0) + (bin === to - 1 ? above : 0);
      if (count === 0) continue;
      const p = count / total;
      const q = Math.max(held / filled / inside, least);
      divergence += p * naturalLogarithm(p / q);
    }
  }
  return divergence;
}

function sumOf(counts: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += counts[i] as number; // i < length
  return sum;
}

export const entropy: Calibrator = {
  name: 'entropy',
  about: 'The range whose codes keep most of the distribution (Kullback-Leibler), as TensorRT does.',
  observe: ({ bitWidth }) => new EntropyObserver(Math.min(2 ** bitWidth, 256)),
};
