import type { DenseLayer } from '../studio/api.js';
import { layerDensity } from './layer-density.js';
import { LayerPreview, type Setting } from './layer-preview.js';

/** One layer as it is drawn while a slider moves. */
export interface LayerLook {
  readonly name: string;
  readonly centroids: readonly number[];
  readonly threshold: number;
  /** Counts of the weights as they came, in equal bins from `least` to `most`. */
  readonly bins: readonly number[];
  readonly least: number;
  readonly most: number;
  /** [outputs, inputs] shades: see `shadeOf`. */
  readonly picture: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

const BINS = 96;

/** A chain of dense layers with ReLU between, pruned and shared as fast as a slider moves. */
export class NetworkPreview {
  readonly #layers: readonly LayerPreview[];
  readonly #bins: readonly (readonly number[])[];

  constructor(layers: readonly DenseLayer[]) {
    this.#layers = layers.map((layer) => new LayerPreview(layer));
    this.#bins = this.#layers.map(({ layer, range }) => binsOf(layer.weights, range));
  }

  set(setting: Setting): void {
    for (const [i, layer] of this.#layers.entries())
      layer.set({ ...setting, density: layerDensity(setting.density, i) });
  }

  /** Shares of the ten digits, [784] to [10]. */
  classify(pixels: Float32Array): readonly number[] {
    const last = this.#layers.length - 1;
    const scores = this.#layers.reduce((x, layer, i) => {
      const y = layer.forward(x);
      return i === last ? y : y.map((value) => Math.max(0, value));
    }, pixels);
    return softmax(scores);
  }

  look(index: number): LayerLook | null {
    const preview = this.#layers[index];
    if (preview === undefined) return null;
    const { name, inputs, outputs } = preview.layer;
    const [least, most] = preview.range;
    return {
      name,
      centroids: Array.from(preview.centroids),
      threshold: preview.threshold,
      bins: this.#bins[index] ?? [],
      least,
      most,
      picture: preview.picture(),
      width: inputs,
      height: outputs,
    };
  }
}

function binsOf(values: Float32Array, [least, most]: readonly [number, number]): readonly number[] {
  const bins = new Array<number>(BINS).fill(0);
  const scale = BINS / (most - least || 1);
  for (const value of values) bins[Math.min(BINS - 1, Math.floor((value - least) * scale))]!++; // in range
  return bins;
}

function softmax(scores: Float32Array): readonly number[] {
  const largest = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
