import { cluster } from '@espalier/plugin-share-weights';
import type { DenseLayer } from '../studio/api.js';
import { shadeOf } from '../studio/shades.js';

/** What the sliders say. */
export interface Setting {
  /** Share of the weights kept, of the first layer; see `layerDensity` for the others. 0 < density <= 1. */
  readonly density: number;
  /** log2 of the number of shared values, 1 to 8. */
  readonly bits: number;
  readonly init: 'linear' | 'density' | 'random';
}

/** Weights are told apart to this many values: four times a codebook's largest can't be seen in a score. */
const LEVELS = 4096;
/** K-means sees so many of the weights, evenly by rank: its centroids move by less than a pixel for it. */
const SAMPLES = 4096;

/**
 * A layer that is pruned and shared anew in a few milliseconds. What takes long, sorting, is done once; then the weights
 * that stay are two ranges of the sorted ones, and a table of 4096 entries says what each weight becomes.
 */
export class LayerPreview {
  readonly layer: DenseLayer;
  /** Rising. */
  readonly #sorted: Float32Array;
  /** Of the sorted magnitudes, rising. */
  readonly #magnitudes: Float32Array;
  readonly #levels: Uint16Array;
  /** The value that stands for each level. */
  readonly #values: Float32Array;
  /** What each level becomes. */
  readonly #table: Float32Array = new Float32Array(LEVELS);
  #centroids: Float32Array = new Float32Array();
  #threshold = 0;

  constructor(layer: DenseLayer) {
    this.layer = layer;
    this.#sorted = layer.weights.slice().sort();
    this.#magnitudes = layer.weights.map(Math.abs).sort();
    const least = this.#sorted[0] ?? 0;
    const step = ((this.#sorted.at(-1) ?? 0) - least) / (LEVELS - 1) || 1;
    this.#values = Float32Array.from({ length: LEVELS }, (_, level) => least + level * step);
    this.#levels = Uint16Array.from(layer.weights, (weight) => Math.round((weight - least) / step));
  }

  /** The least and the largest weight as it came. */
  get range(): readonly [least: number, most: number] {
    return [this.#sorted[0] ?? 0, this.#sorted.at(-1) ?? 0];
  }

  get centroids(): Float32Array {
    return this.#centroids;
  }

  /** The least magnitude that stays. */
  get threshold(): number {
    return this.#threshold;
  }

  /** Prunes and shares by another setting. */
  set({ density, bits, init }: Setting): void {
    const { length } = this.#sorted;
    const keep = density === 1 ? length : Math.round(density * length);
    this.#threshold = density === 1 ? 0 : (this.#magnitudes[length - keep] ?? Infinity);
    const sampled = this.#sampleKept();
    let draw = 0;
    // Any stream of numbers will do for a preview; the file's own comes from the run's seed.
    const random = (): number => (draw++ * 0.618034) % 1;
    this.#centroids = cluster(sampled, { k: 2 ** bits, init, random, holdZero: false, maxIterations: 40 });
    this.#fillTable();
  }

  /** Outputs for one input, [inputs] to [outputs]. */
  forward(x: Float32Array): Float32Array {
    const { outputs, inputs, bias } = this.layer;
    const [levels, table] = [this.#levels, this.#table];
    const used: number[] = [];
    for (let i = 0; i < inputs; i++) if (x[i] !== 0) used.push(i);
    const y = new Float32Array(outputs);
    for (let o = 0; o < outputs; o++) {
      let sum = bias[o]!; // o < outputs
      const row = o * inputs;
      // In range: a level for each weight, a table entry for each level.
      for (const i of used) sum += table[levels[row + i]!]! * x[i]!;
      y[o] = sum;
    }
    return y;
  }

  /** A picture of the weights, [outputs, inputs] in shades as `shadeOf` has them. */
  picture(): Uint8Array<ArrayBuffer> {
    const largest = Math.max(...this.#centroids.map(Math.abs));
    const shades = Uint8Array.from(this.#table, (value) => shadeOf(value, largest));
    const levels = this.#levels;
    const picture = new Uint8Array(levels.length);
    // A loop: `Uint8Array.from` with a function took ten times as long for fc1. There is a shade for each level.
    for (let i = 0; i < levels.length; i++) picture[i] = shades[levels[i]!]!;
    return picture;
  }

  #sampleKept(): Float32Array {
    const negatives = countBelow(this.#sorted, -this.#threshold, true);
    const positives = this.#sorted.length - countBelow(this.#sorted, this.#threshold, false);
    const split = this.#threshold === 0 ? this.#sorted.length : negatives;
    const kept = this.#threshold === 0 ? this.#sorted.length : negatives + positives;
    const count = Math.min(kept, SAMPLES);
    const gap = this.#sorted.length - kept;
    return Float32Array.from({ length: count }, (_, i) => {
      const rank = count === 1 ? 0 : Math.round((i * (kept - 1)) / (count - 1));
      return this.#sorted[rank < split ? rank : rank + gap]!; // a rank below the number kept
    });
  }

  #fillTable(): void {
    const [centroids, values] = [this.#centroids, this.#values];
    let nearest = 0;
    for (let level = 0; level < LEVELS; level++) {
      const value = values[level]!; // level < LEVELS
      while (nearest + 1 < centroids.length && value > (centroids[nearest]! + centroids[nearest + 1]!) / 2)
        nearest++;
      this.#table[level] = Math.abs(value) < this.#threshold ? 0 : (centroids[nearest] ?? 0);
    }
  }
}

/** How many of rising values are below a border, or at it. */
function countBelow(sorted: Float32Array, border: number, orAt: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = sorted[middle]!; // middle < high
    if (value < border || (orAt && value === border)) low = middle + 1;
    else high = middle;
  }
  return low;
}
