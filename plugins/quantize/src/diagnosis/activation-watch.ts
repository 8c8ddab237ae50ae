import { integerRange, type Quantization, Similarity, type Tensor, toFloat32 } from '@espalier/core';
import { extremesOf } from '../calibrators/extremes.js';
import { Histogram } from '../calibrators/histogram.js';
import type { ActivationFacts } from './findings.js';

/** Follows one activation through both models, a batch at a time. */
export class ActivationWatch {
  readonly #quantization: Quantization;
  readonly #similarity = new Similarity();
  readonly #magnitudes = new Histogram();
  readonly #channels: { min: number; max: number }[] = [];
  #clipped = 0;
  #seen = 0;
  #reference: Float32Array | null = null;

  constructor(quantization: Quantization) {
    this.#quantization = quantization;
  }

  /** Of the float model; comes first. */
  seeReference(tensor: Tensor): void {
    const values = toFloat32(tensor);
    this.#reference = values;
    const extremes = values.length === 0 ? null : extremesOf(values);
    if (extremes === null) return;
    const reach = Math.max(Math.abs(extremes.min), Math.abs(extremes.max));
    this.#magnitudes.add(values.map(Math.abs), { min: 0, max: reach });
    this.#count(values);
    this.#seeChannels(values, tensor.dims);
  }

  /** Of the quantized model, for the same samples. */
  seeQuantized(tensor: Tensor): void {
    const reference = this.#reference;
    this.#reference = null;
    if (reference !== null && reference.length === tensor.size)
      this.#similarity.add(reference, toFloat32(tensor));
  }

  get similarity(): Similarity {
    return this.#similarity;
  }

  facts(): ActivationFacts {
    return {
      quantization: this.#quantization,
      min: Math.min(0, ...this.#channels.map(({ min }) => min)),
      max: Math.max(0, ...this.#channels.map(({ max }) => max)),
      usual: this.#magnitudes.count === 0 ? 0 : this.#magnitudes.quantile(0.999),
      clipped: this.#clipped / Math.max(1, this.#seen),
      channels: this.#channels,
    };
  }

  /** Values that are nearer to a code beyond the last one. */
  #count(values: Float32Array): void {
    const { scale, zeroPoint, storageType } = this.#quantization;
    const { min, max } = integerRange(storageType);
    const [step, zero] = [scale[0] ?? 1, zeroPoint[0] ?? 0];
    const [low, high] = [step * (min - zero - 0.5), step * (max - zero + 0.5)];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number; // i < length
      if (value < low || value > high) this.#clipped++;
    }
    this.#seen += values.length;
  }

  /** Channels are dimension 1, as of pictures; of a matrix too. */
  #seeChannels(values: Float32Array, dims: readonly number[]): void {
    const count = dims.length < 2 ? 1 : (dims[1] ?? 1);
    const inner = dims.slice(2).reduce((a, b) => a * b, 1);
    for (let start = 0; start < values.length; start += inner) {
      const channel = Math.floor(start / inner) % count;
      const known = this.#channels[channel] ?? { min: Infinity, max: -Infinity };
      this.#channels[channel] = known;
      for (let i = start; i < start + inner; i++) {
        const value = values[i] as number; // i < length
        if (value < known.min) known.min = value;
        if (value > known.max) known.max = value;
      }
    }
  }
}
