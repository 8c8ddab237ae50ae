import type { Random } from '@espalier/core';
import { requireInRange, requireWhole } from '../require-in-range.js';

/** Samples of one input that are about to be trained on; they may be changed in place. */
export interface AugmentedBatch {
  /** Name of the input. */
  readonly input: string;
  /** float32, the samples one after the other. */
  readonly data: Float32Array;
  readonly count: number;
  /** Shape of one sample. */
  readonly dims: readonly number[];
}

/** Changes a batch. `random` is another stream for each batch, and the same one for each run of the seed. */
export type Augment = (batch: AugmentedBatch, random: Random) => void;

/**
 * Shifts each image by up to so many pixels in each direction; what comes in from the edge is `fill`. For samples
 * [channels, height, width].
 *
 * @throws {OptionsError} when `pixels` is no whole number from 0 on, or `share` is not from 0 to 1
 */
export function randomShift({
  pixels,
  fill = 0,
  share = 1,
}: {
  readonly pixels: number;
  readonly fill?: number;
  /** Of the images that are shifted at all. Default 1. */
  readonly share?: number;
}): Augment {
  requireWhole('pixels', pixels, 0);
  requireInRange('share', share, { min: 0, max: 1 });
  return ({ data, count, dims }, random) => {
    const [channels = 1, height = 1, width = 1] = dims;
    const size = channels * height * width;
    const image = new Float32Array(size);
    for (let i = 0; i < count; i++) {
      // All are: no number is drawn for it, so that a run without a share is what it was.
      if (share < 1 && random.next() >= share) continue;
      const down = random.below(2 * pixels + 1) - pixels;
      const right = random.below(2 * pixels + 1) - pixels;
      const to = data.subarray(i * size, (i + 1) * size);
      image.set(to);
      to.fill(fill);
      const first = Math.max(0, right);
      const end = Math.min(width, width + right);
      for (let row = Math.max(0, down); row < Math.min(height, height + down); row++) {
        for (let channel = 0; channel < channels; channel++) {
          const from = (channel * height + row - down) * width - right;
          to.set(image.subarray(from + first, from + end), (channel * height + row) * width + first);
        }
      }
    }
  };
}

/**
 * Mirrors each image left to right, or leaves it, with equal chances. For samples [channels, height, width].
 */
export function randomFlip(): Augment {
  return ({ data, count, dims }, random) => {
    const [channels = 1, height = 1, width = 1] = dims;
    const rows = channels * height;
    for (let i = 0; i < count; i++) {
      if (random.below(2) === 0) continue;
      for (let row = i * rows; row < (i + 1) * rows; row++) {
        data.subarray(row * width, (row + 1) * width).reverse();
      }
    }
  };
}

/** One after the other, each with random numbers of its own. */
export function augmentInTurn(all: readonly Augment[]): Augment {
  return (batch, random) => {
    for (const [i, augment] of all.entries()) augment(batch, random.fork(`${i}`));
  };
}
