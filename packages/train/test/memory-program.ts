// What memory.test.ts runs in a process of its own, with --expose-gc: LeNet-5 at batch 64, on samples of a data set.
import { type Batch, createRandom, type Dataset, Tensor } from '@espalier/core';
import { adam, collectSamples, randomShift, softmaxCrossEntropy, Trainer } from '../src/index.js';
import { lenet5 } from './lenet.js';

/** No multiple of the batch: the last one is smaller. */
const COUNT = 300;
const EPOCHS = 5;

/** What a process takes after an epoch, in bytes. */
export interface Taken {
  /** Of the whole process, Node itself included. */
  readonly resident: number;
  /** Objects and array buffers that are still held. */
  readonly held: number;
  /** Of kernels: weights, optimizer, activations. */
  readonly kernels: number;
}

/** Digits from noise, given in float32 as data sets give them. */
function noise(): Dataset {
  const random = createRandom('noise');
  return {
    name: 'noise',
    count: COUNT,
    labelled: true,
    async *batches(size) {
      for (let first = 0; first < COUNT; first += size) {
        const count = Math.min(size, COUNT - first);
        const pixels = Float32Array.from({ length: count * 784 }, () => random.below(256) / 255);
        const labels = Int32Array.from({ length: count }, () => random.below(10));
        yield {
          feeds: { image: new Tensor('float32', pixels, [count, 1, 28, 28]) },
          count,
          labels,
        } satisfies Batch;
      }
    },
  };
}

const collectGarbage = (globalThis as { readonly gc?: () => void }).gc;
const samples = await collectSamples(noise());
const trainer = await Trainer.create(lenet5(), {
  loss: softmaxCrossEntropy(),
  optimizer: adam(),
  batchSize: 64,
});
const taken: Taken[] = [];
await trainer.fit(samples, {
  epochs: EPOCHS,
  augment: randomShift({ pixels: 2 }),
  onEpoch() {
    collectGarbage?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    taken.push({ resident: rss, held: heapUsed + external, kernels: trainer.memoryBytes });
  },
});
console.log(JSON.stringify(taken));
