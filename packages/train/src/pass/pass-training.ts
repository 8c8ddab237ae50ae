import {
  AffineEncoding,
  DataError,
  type Dataset,
  dense,
  type Encoding,
  type Model,
  OptionsError,
  type PassContext,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { type Augment, augmentInTurn, randomFlip, randomShift } from '../data/augment.js';
import { collectSamples } from '../data/collect.js';
import { type SplitSamples, splitSamples } from '../data/split-samples.js';
import type { Evaluation } from '../fit-options.js';
import { distillation } from '../loss/distillation.js';
import { softmaxCrossEntropy } from '../loss/softmax-cross-entropy.js';
import type { Constraint } from '../network/constraint.js';
import { adam } from '../optimizer/adam.js';
import type { Optimizer } from '../optimizer/optimizer.js';
import { constant, cosine } from '../optimizer/schedule.js';
import { sgd } from '../optimizer/sgd.js';
import type { Ranges } from '../quantization/network-grids.js';
import { Trainer } from '../trainer.js';
import { dropoutOf } from './dropout-of.js';
import { holdsFloats, withValues } from './trained-encoding.js';
import type { AugmentOptions, TrainingOptions } from './training-options.js';

/** What a pass asks of the training of its model. */
export interface TrainingRequest {
  /** By name of the weight. Zeros of other weights stay zeros. */
  readonly constraints?: Readonly<Record<string, Constraint>>;
  /** Share of a weight that is kept in the end, for dropout. Default 1. */
  readonly densityOf?: (weight: string) => number;
  /** Trains codes too, as they will be computed with, and what becomes of their ranges. Default: they are left alone. */
  readonly quantized?: { readonly ranges: Ranges } | null;
}

/** Where a training run of a pass is, after an epoch. */
export interface EpochEnd {
  /** Epochs done. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean loss of the epoch. */
  readonly loss: number;
  /** On the samples that are held out; null where none are. */
  readonly heldOut: Evaluation | null;
}

/**
 * The training of a model within a pass: on the run's training data, with its seed, signal and progress. The loss is
 * cross-entropy with the labels, or, where there are none or the options say so, distillation against the model as it
 * came into the run.
 *
 * Trained are weights and biases that are held as floats, and those under a constraint; what holds codes of another pass
 * is left alone.
 */
export class PassTraining {
  readonly trainer: Trainer;
  readonly #model: Model;
  readonly #context: PassContext;
  readonly #options: TrainingOptions;
  readonly #data: SplitSamples;

  private constructor(
    trainer: Trainer,
    model: Model,
    context: PassContext,
    options: TrainingOptions,
    data: SplitSamples,
  ) {
    this.trainer = trainer;
    this.#model = model;
    this.#context = context;
    this.#options = options;
    this.#data = data;
  }

  /**
   * Throws what `open` and `fit` would: for a pass that changes the model before it is trained. Of the data one sample is looked
   * at.
   */
  static async check(
    model: Model,
    context: PassContext,
    options: TrainingOptions,
    request: TrainingRequest = {},
  ): Promise<void> {
    const data = trainingData(context);
    const { name, labelled } = data;
    const first = await collectSamples({ name, labelled, count: 1, batches: () => data.batches(1, 1) });
    const trainer = await trainerFor(model, context, { ...options, threads: 1 }, { ...request, seed: 1 });
    try {
      await trainer.evaluate(first);
    } finally {
      trainer.release();
    }
  }

  /**
   * Makes ready to train; the model is not changed until `writeBack`. Call `release` in the end.
   *
   * @throws {DataError} when the run has no training data, or they do not fit the model
   * @throws {UnsupportedError} naming the first operator that can't be trained through
   */
  static async open(
    model: Model,
    context: PassContext,
    options: TrainingOptions,
    request: TrainingRequest = {},
  ): Promise<PassTraining> {
    const { constraints = {} } = request;
    const dataset = trainingData(context);
    const random = context.random.fork('training');
    const samples = await collectSamples(dataset);
    const trainer = await trainerFor(model, context, options, { ...request, seed: random.below(2 ** 32) });
    try {
      const trained = new Set(trainer.weightNames);
      for (const [name, constraint] of Object.entries({ ...zerosOf(model), ...constraints }))
        if (trained.has(name)) trainer.constrain(name, constraint);
      const data = splitSamples(samples, options.validation, random.fork('validation'));
      return new PassTraining(trainer, model, context, options, data);
    } catch (error) {
      trainer.release();
      throw error;
    }
  }

  /** Trains; `onEpoch` may change constraints. */
  async fit(onEpoch?: (end: EpochEnd) => void | Promise<void>): Promise<void> {
    const { log, signal, progress, count } = this.#context;
    const { epochs, decay } = this.#options;
    const augment = augmentBy(this.#options.augment);
    await this.trainer.fit(this.#data.train, {
      epochs,
      schedule: decay === 'cosine' ? cosine({ floor: 0.01 }) : constant(),
      ...(augment === undefined ? {} : { augment }),
      signal,
      progressEvery: 100,
      onProgress: ({ step, steps, epoch }) => {
        // What it throws on abort `fit` throws itself, before the next step.
        progress(step, steps, `epoch ${Math.min(epoch + 1, epochs)} of ${epochs}`).catch(() => {});
      },
      onEpoch: async ({ epoch, loss }) => {
        const judged = this.#data.validation && (await this.trainer.evaluate(this.#data.validation));
        const right =
          judged?.accuracy == null ? '' : `, ${percent(judged.accuracy)} of ${judged.count} right`;
        log.debug(`epoch ${epoch} of ${epochs}: loss ${loss.toFixed(4)}${right}`);
        await onEpoch?.({ epoch, epochs, loss, heldOut: judged });
      },
    });
    count('epochs.trained', epochs);
  }

  /**
   * Writes what was trained into the model, in the form that it was held in.
   *
   * @param encode - another form for one of the weights; null for that of before
   */
  writeBack(encode: (name: string, weight: Tensor<'float32'>) => Encoding | null = () => null): void {
    const { graph } = this.#model;
    this.trainer.writeBack((name, weight) => {
      const values = new Tensor('float32', toFloat32(weight), weight.dims);
      const held = graph.value(name)?.constant ?? null;
      if (held === null) return encode(name, values) ?? dense(values);
      return encode(name, values) ?? withValues(held, values, this.trainer.quantization(name));
    });
  }

  /** Ends the threads and gives the memory back. */
  release(): void {
    this.trainer.release();
  }
}

/** @throws {DataError} when there are none */
function trainingData({ data }: PassContext): Dataset {
  if (data.train !== undefined) return data.train;
  throw new DataError({ what: 'There are no training data.', fix: 'Give the run data.train.' });
}

function trainerFor(
  model: Model,
  context: PassContext,
  options: TrainingOptions,
  request: TrainingRequest & { readonly seed: number },
): Promise<Trainer> {
  const { constraints = {}, densityOf = () => 1, quantized = null, seed } = request;
  const isTrainable = (name: string): boolean => {
    const held = model.graph.value(name)?.constant ?? null;
    if (quantized !== null && held instanceof AffineEncoding) return true;
    return Object.hasOwn(constraints, name) || (held !== null && holdsFloats(held));
  };
  return Trainer.create(model, {
    loss:
      trainingData(context).labelled && options.loss === 'labels'
        ? softmaxCrossEntropy()
        : distillation({ teacher: context.original, temperature: options.temperature }),
    optimizer: optimizerOf(options),
    batchSize: options.batchSize,
    seed,
    l1: options.l1,
    l2: options.l2,
    dropout: dropoutOf(model, options.dropout, densityOf),
    threads: options.threads,
    trainable: isTrainable,
    ranges: quantized?.ranges ?? 'fixed',
  });
}

/** Masks for all weights that have zeros: what an earlier pass pruned stays pruned. */
function zerosOf(model: Model): Readonly<Record<string, Constraint>> {
  const masks: Record<string, Constraint> = {};
  for (const { name, encoding } of model.weights()) {
    if (!holdsFloats(encoding)) continue;
    const values = toFloat32(encoding.decode());
    if (values.includes(0)) masks[name] = { mask: Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) };
  }
  return masks;
}

function optimizerOf({ optimizer, learningRate }: TrainingOptions): Optimizer {
  return optimizer === 'adam' ? adam({ learningRate }) : sgd({ learningRate });
}

/** Moves and mirrors the inputs that are images. */
function augmentBy({ shift, shiftShare, flip, dims }: AugmentOptions): Augment | undefined {
  const all = [
    ...(shift > 0 ? [randomShift({ pixels: shift, share: shiftShare })] : []),
    ...(flip ? [randomFlip()] : []),
  ];
  const [first] = all;
  if (first === undefined) return undefined;
  // One alone draws as it always did.
  const change = all.length === 1 ? first : augmentInTurn(all);
  const size = dims.reduce((a, b) => a * b, 1);
  return (batch, random) => {
    if (batch.dims.length === 3) return change(batch, random);
    if (dims.length === 3 && batch.data.length === size * batch.count)
      return change({ ...batch, dims }, random);
    throw new OptionsError({
      what: `The input "${batch.input}" has samples of [${batch.dims.join(', ')}], which are no images to move or mirror.`,
      where: 'option "augment"',
      fix: 'Give augment.dims the shape of an image, [channels, height, width].',
    });
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
