import type { Model } from '@espalier/core';
import { readBaseline } from '../lenet/baselines.js';
import type { ChainRun } from '../lenet/chain.js';
import { lenet300 } from '../lenet/models.js';
import { loadMnist, slice } from '../mnist/mnist.js';

/** Training images of an ablation: a part, so that all points of a plot take minutes. */
export const IMAGES = 10_000;

/** The trained LeNet-300-100, and what recipes run on. */
export async function ablation(): Promise<{ readonly model: Model; readonly run: ChainRun }> {
  const mnist = await loadMnist();
  const train = slice(mnist.train, 'some training images', 0, IMAGES);
  const { model } = await readBaseline(lenet300);
  return { model, run: { network: lenet300, mnist: { ...mnist, train }, seed: 1 } };
}

/** Options of a short training run in a pass, digits shifted by up to a pixel. */
export function training(epochs: number, learningRate = 1e-3): Readonly<Record<string, unknown>> {
  return { epochs, learningRate, augment: { shift: 1, dims: [1, 28, 28] }, validation: 0 };
}
