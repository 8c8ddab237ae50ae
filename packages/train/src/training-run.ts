import { AbortedError, createRandom, type Random, TrainingError } from '@espalier/core';
import type { Position, RunState } from './checkpoint/checkpoint.js';
import type { Augment } from './data/augment.js';
import type { Samples } from './data/samples.js';
import { shuffled } from './data/shuffle.js';
import type { FitOptions, TrainingProgress } from './fit-options.js';
import type { Network } from './network/network.js';
import type { Parameter } from './network/parameter.js';
import { constant } from './optimizer/schedule.js';
import type { UpdateRule } from './optimizer/update-rule.js';
import type { Breath } from './step/breath.js';
import type { Stage } from './step/stage.js';

const START: Position = { epoch: 0, batch: 0, loss: 0, right: 0, count: 0 };

/** What a run is made of. */
export interface RunParts {
  readonly stage: Stage;
  readonly network: Network;
  readonly rule: UpdateRule;
  readonly breath: Breath;
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * Epochs of steps, and where they stand. What order, dropout and augmentation do is a function of the seed and of the
 * number of the epoch or step, so that a run goes on from anywhere.
 */
export class TrainingRun {
  readonly #parts: RunParts;
  readonly #random: Random;
  /** Where a call of `fit` stands. */
  #position: Position = START;
  /** Where the next call of `fit` goes on. */
  #resumed: Position | null = null;
  /** Steps of all calls so far. */
  #step = 0;
  /** Epochs of all calls so far. */
  #epoch = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#random = createRandom(parts.seed);
  }

  /** What a checkpoint says of the run. */
  get state(): RunState {
    return { step: this.#step, epoch: this.#epoch, position: this.#resumed ?? this.#position };
  }

  /** The next `fit` goes on from there. */
  resume({ step, epoch, position }: RunState): void {
    this.#step = step;
    this.#epoch = epoch;
    this.#resumed = position;
  }

  /** Trains on samples that fit the network, `epochs` times or what is left of that. */
  async fit(samples: Samples, options: FitOptions): Promise<void> {
    // Where a checkpoint was taken, or the start.
    this.#position = this.#resumed ?? START;
    this.#resumed = null;
    try {
      while (this.#position.epoch < options.epochs) await this.#trainEpoch(samples, options);
    } finally {
      this.#position = START;
    }
  }

  /** Trains on the samples that are left of an epoch. */
  async #trainEpoch(samples: Samples, options: FitOptions): Promise<void> {
    const { epochs, schedule = constant(), progressEvery = Number.POSITIVE_INFINITY } = options;
    const { stage, rule, breath, batchSize } = this.#parts;
    const batches = Math.ceil(samples.count / batchSize);
    const order = shuffled(samples.count, this.#random.fork(`order ${this.#epoch}`));
    const before = this.#snapshot();
    const { epoch } = this.#position;
    for (let { batch } = this.#position; batch < batches; batch++) {
      checkSignal(options.signal);
      await breath.take();
      const at = { step: epoch * batches + batch, steps: batches * epochs, epoch, epochs };
      const learningRate = rule.optimizer.learningRate * schedule(at);
      const indices = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      await this.#train(samples, indices, learningRate, options.augment);
      const result = stage.result(samples, indices);
      if (!Number.isFinite(result.loss)) this.#fail(before, indices.length);
      const loss = this.#position.loss + result.loss;
      const right = this.#position.right + result.right;
      const count = this.#position.count + indices.length;
      const isLast = batch === batches - 1;
      if (isLast) this.#epoch++;
      this.#position = isLast
        ? { ...START, epoch: epoch + 1 }
        : { epoch, batch: batch + 1, loss, right, count };
      if (!isLast && (at.step + 1) % progressEvery !== 0) continue;
      const accuracy = stage.hasClasses(samples) ? right / count : null;
      const place = { ...at, step: at.step + 1, epoch: this.#position.epoch };
      const progress: TrainingProgress = { ...place, loss: loss / count, accuracy, learningRate };
      options.onProgress?.(progress);
      if (isLast) await options.onEpoch?.(progress);
    }
  }

  async #train(
    samples: Samples,
    indices: Uint32Array,
    rate: number,
    augment: Augment | undefined,
  ): Promise<void> {
    const { stage, rule } = this.#parts;
    this.#step++;
    const random = this.#random.fork(`step ${this.#step}`);
    await stage.load(samples, indices, augment && { by: augment, random });
    const optimizer = rule.optimizer.words(this.#step, rate);
    stage.train(indices.length, rule, { optimizer, dropout: random.next() * 2 ** 32 });
  }

  #snapshot(): ReadonlyMap<Parameter, Float32Array> {
    return new Map(this.#parts.network.changing.map((parameter) => [parameter, parameter.readTrained()]));
  }

  /** Finds where numbers end, puts the weights back and throws. */
  #fail(before: ReadonlyMap<Parameter, Float32Array>, count: number): never {
    const { stage, rule } = this.#parts;
    const layer = stage.firstBadLayer(count);
    for (const [parameter, values] of before) parameter.writeTrained(values);
    rule.reset();
    throw new TrainingError({
      what: `The loss is no finite number in step ${this.#step}.`,
      where: layer === null ? 'the loss' : `the result of node "${layer}"`,
      fix: 'Take a lower learning rate. The weights are those of the end of the epoch before.',
    });
  }
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new AbortedError({ what: 'Training was cancelled.', cause: signal.reason });
}
