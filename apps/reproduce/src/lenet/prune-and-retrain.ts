import { dense, type Model } from '@espalier/core';
import { adam, cosine, softmaxCrossEntropy, Trainer } from '@espalier/train';
import type { Mnist } from '../mnist/mnist.js';
import { digitsFor, shiftDigits } from './digits-for.js';
import type { Network } from './models.js';

/** How a network is pruned while it is trained. */
export interface GradualPruning {
  /** Share of weights that are kept in the end, by name of the weight. */
  readonly density: Readonly<Record<string, number>>;
  readonly epochs: number;
  /** Epochs until the density is reached; the rest retrains under the final mask. */
  readonly ramp: number;
  readonly learningRate: number;
  /** Pixels by which digits are shifted, at most. */
  readonly shift: number;
}

/** What training runs on. */
export interface TrainingRun {
  readonly network: Network;
  readonly mnist: Mnist;
  readonly seed: number;
  /** That training runs on; what comes out does not depend on it. Default 1. */
  readonly threads?: number;
  /** Told what each epoch came to. */
  log?(message: string): void;
}

/**
 * Prunes the smallest weights of each layer in steps, one an epoch, and retrains in between: Zhu and Gupta 2017
 * (arXiv:1710.01878), equation 1, where Han et al. 2015 prune and retrain in rounds.
 */
export async function pruneAndRetrain(
  original: Model,
  { density, epochs, ramp, learningRate, shift }: GradualPruning,
  { network, mnist, seed, threads = 1, log }: TrainingRun,
): Promise<Model> {
  const model = original.clone();
  const trainer = await Trainer.create(model, {
    loss: softmaxCrossEntropy(),
    optimizer: adam({ learningRate }),
    batchSize: 64,
    seed,
    threads,
  });
  const prune = (epoch: number): void => {
    for (const [name, final] of Object.entries(density)) {
      const values = trainer.weight(name);
      trainer.constrain(name, { mask: largest(values, densityAt(epoch / ramp, final) * values.length) });
    }
  };
  const validation = digitsFor(network, mnist.validation);
  // Half a step ahead: the first epoch retrains too.
  prune(0.5);
  await trainer.fit(digitsFor(network, mnist.train), {
    epochs,
    schedule: cosine({ floor: 0.01 }),
    augment: shiftDigits(shift),
    async onEpoch({ epoch, loss }) {
      if (epoch - 0.5 < ramp) prune(epoch + 0.5);
      if (log === undefined || (epoch % 5 !== 0 && epoch < epochs)) return;
      const { accuracy } = await trainer.evaluate(validation);
      log(`epoch ${epoch} of ${epochs}: loss ${loss.toFixed(4)}, validation ${wrong(accuracy)} % wrong`);
    },
  });
  trainer.writeBack((_, weight) => dense(weight));
  trainer.release();
  return model;
}

/** Falls from 1 to `final` along a cubic, as `done` goes from 0 to 1. */
function densityAt(done: number, final: number): number {
  return final + (1 - final) * Math.max(0, 1 - done) ** 3;
}

/** 1 where a weight is among the `keep` largest; those of lower index first where magnitudes are the same. */
export function largest(values: Float32Array, keep: number): Uint8Array {
  const count = Math.max(1, Math.min(values.length, Math.round(keep)));
  const magnitudes = values.map(Math.abs);
  const sorted = magnitudes.toSorted();
  const border = sorted[sorted.length - count] ?? 0;
  let ties = count - sorted.subarray(sorted.length - count).filter((magnitude) => magnitude > border).length;
  return Uint8Array.from(magnitudes, (magnitude) => {
    if (magnitude !== border) return magnitude > border ? 1 : 0;
    return ties-- > 0 ? 1 : 0;
  });
}

function wrong(accuracy: number | null): string {
  return (100 * (1 - (accuracy ?? 0))).toFixed(2);
}
