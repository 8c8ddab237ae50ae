import {
  AbortedError,
  createRandom,
  DataError,
  type Dataset,
  dense,
  type Encoding,
  type Model,
  OptionsError,
  type Random,
  Tensor,
  TrainingError,
} from '@espalier/core';
import { loadTrainKernels } from '@espalier/kernels/train';
import { startThreads, type Tape, threadCount, Workspace } from '@espalier/runtime/tape';
import type { Augment } from './data/augment.js';
import { collectSamples } from './data/collect.js';
import { readSamples, type Samples } from './data/samples.js';
import { shuffled } from './data/shuffle.js';
import type { Constraint } from './network/constraint.js';
import { knownDims, Network } from './network/network.js';
import type { Parameter } from './network/parameter.js';
import { constant, type Schedule } from './optimizer/schedule.js';
import { UpdateRule } from './optimizer/update-rule.js';
import { requireInRange, requireWhole } from './require-in-range.js';
import { recordForward, recordTraining, type StepPlan } from './step/record-step.js';
import { StepBuffers } from './step/step-buffers.js';
import type { TrainerOptions } from './trainer-options.js';

/** How well a network does on samples. */
export interface Evaluation {
  /** Mean over the samples. */
  readonly loss: number;
  /** Fraction of samples whose largest output is that of their class; null where the loss needs no labels. */
  readonly accuracy: number | null;
  readonly count: number;
}

/** What is told of a run while it goes on. */
export interface TrainingProgress {
  /** Steps done, of all epochs. */
  readonly step: number;
  readonly steps: number;
  /** Epochs done. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean loss of this epoch so far. */
  readonly loss: number;
  /** Fraction of the samples of this epoch so far that were right when they were trained on; null where there are no labels. */
  readonly accuracy: number | null;
  readonly learningRate: number;
}

export interface FitOptions {
  /** How often all samples are trained on. */
  readonly epochs: number;
  /** Default: the learning rate stays. */
  readonly schedule?: Schedule;
  /** Changes the samples of each batch before it is trained on. */
  readonly augment?: Augment;
  /** Ends the run between two steps with an AbortedError; what was learned so far stays. */
  readonly signal?: AbortSignal;
  /** Called after each epoch, and in between as `progressEvery` says. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Steps between two calls of `onProgress` within an epoch. Default: none. */
  readonly progressEvery?: number;
  /** Called after each epoch and waited for: the place to evaluate, to change masks, to keep weights. */
  readonly onEpoch?: (progress: TrainingProgress) => void | Promise<void>;
}

/** Milliseconds after which a run lets the page or the process do something else. */
const BREATH_MS = 50;

/**
 * Trains the weights of a model. The same seed gives the same weights, bit for bit, on every machine and with any number
 * of threads.
 */
export class Trainer {
  readonly #model: Model;
  readonly #options: TrainerOptions;
  readonly #plan: StepPlan;
  readonly #rule: UpdateRule;
  readonly #random: Random;
  /** Recorded steps by purpose and number of samples. */
  readonly #tapes = new Map<string, Tape>();
  readonly #width: number;
  #isReleased = false;
  /** Steps of all runs so far. */
  #step = 0;
  /** Epochs of all runs so far. */
  #epoch = 0;

  private constructor(model: Model, options: TrainerOptions, plan: StepPlan, width: number) {
    this.#model = model;
    this.#options = options;
    this.#plan = plan;
    this.#width = width;
    const { l1 = 0, l2 = 0 } = options;
    this.#rule = new UpdateRule(plan.workspace, options.optimizer, plan.buffers.words, { l1, l2 });
    this.#random = createRandom(options.seed ?? 1);
  }

  /**
   * Makes a model ready to be trained. The model itself is not changed until `writeBack`.
   *
   * @throws {UnsupportedError} naming the first operator that can't be trained through
   * @throws {OptionsError} when a number is out of range, or a name is none of the model's
   * @throws {DataError} when a constraint does not fit its weight
   */
  static async create(model: Model, options: TrainerOptions): Promise<Trainer> {
    const { batchSize = 64, l1 = 0, l2 = 0, trainable = () => true } = options;
    requireWhole('batchSize', batchSize, 1);
    requireInRange('l1', l1, { min: 0 });
    requireInRange('l2', l2, { min: 0 });
    const threads = threadCount(options.threads ?? 1);
    const workspace = new Workspace(await loadTrainKernels({ shared: threads > 1 }));
    const { loss } = options;
    const network = new Network(model, workspace, { target: ({ graph }) => loss.compared(graph), trainable });
    const typed = network.for(1);
    const width = knownDims(typed.target).reduce((a, b) => a * b, 1);
    const buffers = new StepBuffers(workspace, network.inputs, width, batchSize);
    const dropout = options.dropout ?? {};
    checkDropout(dropout, new Set(typed.nodes.flatMap((node) => [node.name, node.outputs[0]?.name ?? ''])));
    const plan = { workspace, network, loss, buffers, dropout };
    const trainer = new Trainer(model, { ...options, batchSize }, plan, width);
    for (const [name, constraint] of Object.entries(options.constraints ?? {}))
      trainer.constrain(name, constraint);
    // Last: what is refused above has started nothing.
    if (threads > 1) workspace.pool = await startThreads(workspace.kernels, threads);
    return trainer;
  }

  /** Names of the weights that are trained, in the order of the network. */
  get weightNames(): readonly string[] {
    return this.#plan.network.trained.map(({ name }) => name);
  }

  /**
   * Trains on all samples, `epochs` times, each time in another order.
   *
   * @param data - a data set is read into memory first; `collectSamples` does that once for several runs
   * @throws {DataError} when samples or labels do not fit the model
   * @throws {TrainingError} when the loss is no number: it says in which step, and which layer gave it, and the weights
   *   are those of the end of the epoch before
   * @throws {AbortedError} when `signal` is aborted
   */
  async fit(data: Dataset | Samples, options: FitOptions): Promise<void> {
    requireWhole('epochs', options.epochs, 0);
    const samples = await this.#samplesOf(data);
    const batchSize = this.#options.batchSize ?? 64;
    const stepsOfEpoch = Math.ceil(samples.count / batchSize);
    const steps = stepsOfEpoch * options.epochs;
    let lastBreath = performance.now();
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      const order = shuffled(samples.count, this.#random.fork(`order ${this.#epoch}`));
      const before = this.#snapshot();
      const sums = { loss: 0, right: 0, count: 0 };
      for (let batch = 0; batch < stepsOfEpoch; batch++) {
        checkSignal(options.signal);
        if (performance.now() - lastBreath > BREATH_MS) {
          await new Promise((resolve) => setTimeout(resolve));
          lastBreath = performance.now();
        }
        const step = epoch * stepsOfEpoch + batch;
        const at = { step, steps, epoch, epochs: options.epochs };
        const rate = this.#options.optimizer.learningRate * (options.schedule ?? constant())(at);
        const indices = order.subarray(batch * batchSize, (batch + 1) * batchSize);
        this.#train(samples, indices, rate, options.augment);
        const loss = this.#sumLosses(indices.length);
        if (!Number.isFinite(loss)) this.#fail(before, indices.length);
        sums.loss += loss;
        sums.right += this.#countRight(samples, indices);
        sums.count += indices.length;
        const isLast = batch === stepsOfEpoch - 1;
        if (isLast) this.#epoch++;
        const every = options.progressEvery ?? Number.POSITIVE_INFINITY;
        if (!isLast && (step + 1) % every !== 0) continue;
        const progress: TrainingProgress = {
          ...at,
          step: step + 1,
          epoch: isLast ? epoch + 1 : epoch,
          loss: sums.loss / sums.count,
          accuracy: samples.labels === null ? null : sums.right / sums.count,
          learningRate: rate,
        };
        options.onProgress?.(progress);
        if (isLast) await options.onEpoch?.(progress);
      }
    }
  }

  /**
   * Loss and accuracy, without dropout.
   *
   * @throws {DataError} when samples or labels do not fit the model
   */
  async evaluate(data: Dataset | Samples): Promise<Evaluation> {
    const samples = await this.#samplesOf(data);
    const batchSize = this.#options.batchSize ?? 64;
    let [loss, right] = [0, 0];
    for (let first = 0; first < samples.count; first += batchSize) {
      const count = Math.min(batchSize, samples.count - first);
      const indices = Uint32Array.from({ length: count }, (_, i) => first + i);
      this.#load(samples, indices);
      this.#run(`forward ${count}`, () => recordForward(this.#plan, count));
      loss += this.#sumLosses(count);
      right += this.#countRight(samples, indices);
    }
    const accuracy = samples.labels === null ? null : right / samples.count;
    return { loss: loss / samples.count, accuracy, count: samples.count };
  }

  /** A copy of the values of a weight as the network computes with them, row-major. */
  weight(name: string): Float32Array {
    return this.#parameter(name).read();
  }

  /**
   * Puts other values under a weight, row-major; under a mask those that are pruned are left out. Not for shared weights.
   *
   * @throws {DataError} when there are not as many as the weight has, or it is shared
   */
  setWeight(name: string, values: Float32Array): void {
    const parameter = this.#parameter(name);
    const isShared = parameter.constraint !== null && 'indices' in parameter.constraint;
    if (isShared || values.length !== parameter.size) {
      throw new DataError({
        what: isShared
          ? 'The weight is made of centroids.'
          : `${values.length} values are given for a weight of ${parameter.size}.`,
        where: `weight "${name}"`,
        fix: isShared ? 'Change its constraint instead.' : 'Give one for each element, row-major.',
      });
    }
    parameter.writeTrained(values);
  }

  /** A copy of the values behind a revivable mask, row-major; of any other weight what `weight` gives. */
  hiddenWeight(name: string): Float32Array {
    const parameter = this.#parameter(name);
    const { constraint } = parameter;
    return constraint !== null && 'mask' in constraint ? parameter.readTrained() : parameter.read();
  }

  /** A copy of the centroids of a shared weight; null where it is not shared. */
  centroids(name: string): Float32Array | null {
    const parameter = this.#parameter(name);
    const { constraint } = parameter;
    return constraint !== null && 'indices' in constraint ? parameter.readTrained() : null;
  }

  /** A copy of the gradient of the mean loss of the last batch by a weight, row-major. Penalties are not in it. */
  gradient(name: string): Float32Array {
    return this.#parameter(name).readGradient();
  }

  /** What the training of a weight respects; null for nothing. */
  constraint(name: string): Constraint | null {
    return this.#parameter(name).constraint;
  }

  /**
   * Changes what the training of a weight respects; null for nothing. Values stay where the new constraint allows it:
   * pruned ones become zero, shared ones what their centroid is, and what was hidden by a revivable mask comes back.
   *
   * @throws {DataError} when it does not fit the weight
   */
  constrain(name: string, constraint: Constraint | null): void {
    this.#parameter(name).constrain(constraint);
    // Addresses and calls are others now.
    for (const tape of this.#tapes.values()) tape.release();
    this.#tapes.clear();
  }

  /**
   * Writes the trained weights into the model that the trainer was made of, and takes its Dropout nodes out.
   *
   * @param encode - how a weight is stored; dense float32 where left out
   */
  writeBack(encode: (name: string, weight: Tensor) => Encoding = (_, weight) => dense(weight)): void {
    const { graph } = this.#model;
    for (const parameter of this.#plan.network.trained) {
      const value = graph.value(parameter.name);
      if (value?.constant == null) continue;
      const tensor = new Tensor('float32', parameter.read(), parameter.spec.dims);
      graph.replaceConstant(value, encode(parameter.name, tensor));
    }
    for (const node of graph.nodesOf('Dropout')) {
      const [input, output] = [node.inputs[0], node.outputs[0]];
      if (input == null || output == null || graph.isOutput(output) || node.outputs[1] != null) continue;
      graph.replaceAllUses(output, input);
      graph.remove(node);
    }
  }

  /** Ends the threads and gives the memory back. The trainer can't be used any more. */
  release(): void {
    this.#isReleased = true;
    this.#tapes.clear();
    this.#plan.workspace.pool?.release();
  }

  #parameter(name: string): Parameter {
    const found = this.#plan.network.parameters.get(name);
    if (found?.spec.isTrainable === true) return found;
    throw new OptionsError({
      what: `The model trains no weight "${name}".`,
      fix: `Weights that are trained: ${this.weightNames.map((known) => `"${known}"`).join(', ')}.`,
    });
  }

  #train(samples: Samples, indices: Uint32Array, rate: number, augment: Augment | undefined): void {
    this.#step++;
    this.#load(samples, indices);
    const { buffers, network } = this.#plan;
    const random = this.#random.fork(`step ${this.#step}`);
    if (augment !== undefined) {
      for (const { name, dims } of network.inputs) {
        const data = buffers.inputView(name, indices.length);
        augment({ input: name, data, count: indices.length, dims }, random.fork(name));
      }
    }
    buffers.setWords(this.#rule.optimizer.words(this.#step, rate), random.next() * 2 ** 32);
    const count = indices.length;
    this.#run(`training ${count}`, () => recordTraining(this.#plan, count, this.#rule));
  }

  #run(key: string, record: () => Tape): void {
    if (this.#isReleased)
      throw new DataError({ what: 'The trainer has been released.', fix: 'Create another one.' });
    const known = this.#tapes.get(key);
    if (known === undefined) {
      this.#tapes.set(key, record());
      return;
    }
    known.settle();
    known.run();
  }

  #load(samples: Samples, indices: Uint32Array): void {
    const { buffers, network, loss } = this.#plan;
    for (const { name } of network.inputs) {
      const array = samples.inputs[name];
      if (array !== undefined) readSamples(array, indices, buffers.inputView(name, indices.length));
    }
    const targets = buffers.targetView(indices.length);
    if (samples.targets !== null && loss.needs === 'targets') readSamples(samples.targets, indices, targets);
    const { labels } = samples;
    if (labels === null || loss.writeTarget === undefined) return;
    for (const [i, index] of indices.entries()) {
      loss.writeTarget(labels[index] ?? 0, targets.subarray(i * this.#width, (i + 1) * this.#width));
    }
  }

  #sumLosses(count: number): number {
    let sum = 0;
    for (const loss of this.#plan.buffers.lossView(count)) sum += loss;
    return sum;
  }

  #countRight(samples: Samples, indices: Uint32Array): number {
    const { labels } = samples;
    if (labels === null) return 0;
    const outputs = this.#plan.buffers.outputView(indices.length);
    let right = 0;
    for (const [i, index] of indices.entries()) {
      if (largest(outputs, i * this.#width, this.#width) === labels[index]) right++;
    }
    return right;
  }

  async #samplesOf(data: Dataset | Samples): Promise<Samples> {
    const samples = 'batches' in data ? await collectSamples(data) : data;
    this.#check(samples);
    return samples;
  }

  #check({ name, inputs, labels, targets }: Samples): void {
    const where = `data set "${name}"`;
    const { network, loss } = this.#plan;
    for (const input of network.inputs) {
      const found = inputs[input.name];
      if (found?.dims.join() === input.dims.join()) continue;
      const has = found === undefined ? 'no such input' : `samples of [${found.dims.join(', ')}]`;
      throw new DataError({
        what: `The model's input "${input.name}" takes samples of [${input.dims.join(', ')}], the data set has ${has}.`,
        where,
      });
    }
    if (loss.needs === 'labels') {
      if (labels === null) {
        throw new DataError({
          what: `The data set has no labels, and the loss ${loss.name} needs them.`,
          where,
          fix: 'Give labels, or train against another model by distillation.',
        });
      }
      for (let i = 0; i < labels.length; i++) {
        const label = labels[i] as number; // i < length
        if (Number.isInteger(label) && label >= 0 && label < this.#width) continue;
        throw new DataError({
          what: `Sample ${i} is of class ${label}, the model has classes 0 to ${this.#width - 1}.`,
          where,
          fix: 'Number the classes from 0 on, in the order of the outputs.',
        });
      }
    } else if (targets === null || targets.dims.reduce((a, b) => a * b, 1) !== this.#width) {
      throw new DataError({
        what: `The loss ${loss.name} needs ${this.#width} numbers for each sample to compare the output with.`,
        where,
        fix: 'Give "targets" of the shape of the output.',
      });
    }
  }

  #snapshot(): ReadonlyMap<Parameter, Float32Array> {
    return new Map(this.#plan.network.trained.map((parameter) => [parameter, parameter.readTrained()]));
  }

  /** Finds where numbers end, puts the weights back and throws. */
  #fail(before: ReadonlyMap<Parameter, Float32Array>, count: number): never {
    const layer = this.#firstBadLayer(count);
    for (const [parameter, values] of before) parameter.writeTrained(values);
    this.#rule.reset();
    throw new TrainingError({
      what: `The loss is no finite number in step ${this.#step}.`,
      where: layer === null ? 'the loss' : `the result of node "${layer}"`,
      fix: 'Take a lower learning rate. The weights are those of the end of the epoch before.',
    });
  }

  /** The first node whose result on the batch in the buffers is not finite. */
  #firstBadLayer(count: number): string | null {
    let found: string | null = null;
    recordForward(this.#plan, count, (node, output) => {
      if (found !== null) return;
      if (!output.realView(output.layout).every(Number.isFinite)) found = node.name;
    }).release();
    return found;
  }
}

/** Index of the largest of some elements, the first one of equals. */
function largest(values: Float32Array, start: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) {
    // In range: the caller's elements.
    if ((values[start + i] as number) > (values[start + best] as number)) best = i;
  }
  return best;
}

function checkDropout(dropout: Readonly<Record<string, number>>, known: ReadonlySet<string>): void {
  for (const [name, ratio] of Object.entries(dropout)) {
    requireInRange(`dropout.${name}`, ratio, { min: 0, below: 1 });
    if (known.has(name)) continue;
    throw new OptionsError({
      what: `"${name}" is no node or value between the inputs and the loss.`,
      where: 'option "dropout"',
      fix: `Name one of ${[...known].filter((one) => one !== '').join(', ')}.`,
    });
  }
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new AbortedError({ what: 'Training was cancelled.', cause: signal.reason });
}
