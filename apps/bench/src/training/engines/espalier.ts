import {
  adam,
  type Optimizer,
  type Samples,
  samples,
  sgd,
  softmaxCrossEntropy,
  Trainer,
  type TrainingProgress,
} from '@espalier/train';
import { BATCH_SIZE, type Batch, type Rule, type Task } from '../task.js';
import type { Training } from './engine.js';

/** Ours, as a program uses it: a data set in memory, and epochs over it. */
export async function startEspalier({ model, rule, dims }: Task, threads: number): Promise<Training> {
  const trainer = await Trainer.create(model, {
    loss: softmaxCrossEntropy(),
    optimizer: optimizerOf(rule),
    batchSize: BATCH_SIZE,
    threads,
  });
  const known = new Map<readonly Batch[], Samples>();
  const samplesOf = (batches: readonly Batch[]): Samples => {
    const found = known.get(batches) ?? joined(batches, model.graph.inputs[0]?.name ?? '', dims);
    known.set(batches, found);
    return found;
  };
  return {
    async train(batches) {
      let mean = 0;
      const onProgress = ({ loss }: TrainingProgress): void => {
        mean = loss;
      };
      await trainer.fit(samplesOf(batches), { epochs: 1, onProgress });
      return mean * batches.length;
    },
    memoryBytes: () => trainer.memoryBytes,
    release: () => trainer.release(),
  };
}

function optimizerOf(rule: Rule): Optimizer {
  return rule.name === 'adam' ? adam(rule) : sgd(rule);
}

function joined(batches: readonly Batch[], input: string, dims: readonly number[]): Samples {
  const size = batches[0]?.pixels.length ?? 0;
  const data = new Float32Array(batches.length * size);
  for (const [i, { pixels }] of batches.entries()) data.set(pixels, i * size);
  const labels = batches.flatMap((batch) => [...batch.labels]);
  return samples({ inputs: { [input]: { data, dims } }, labels });
}
