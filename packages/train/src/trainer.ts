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
import { loadOperators, startThreads, threadCount, Workspace } from '@espalier/runtime/tape';
import { type Position, readCheckpoint, writeCheckpoint } from './checkpoint/checkpoint.js';
import type { Augment } from './data/augment.js';
import { collectSamples } from './data/collect.js';
import type { Samples } from './data/samples.js';
import { shuffled } from './data/shuffle.js';
import type { Evaluation, FitOptions, TrainingProgress } from './fit-options.js';
import type { Constraint } from './network/constraint.js';
import { knownDims, Network } from './network/network.js';
import type { Parameter } from './network/parameter.js';
import { WeightAverage } from './network/weight-average.js';
import { constant } from './optimizer/schedule.js';
import { UpdateRule } from './optimizer/update-rule.js';
import { requireInRange, requireWhole } from './require-in-range.js';
import type { StepPlan } from './step/record-step.js';
import { Stage } from './step/stage.js';
import { StepBuffers } from './step/step-buffers.js';
import type { TrainerOptions } from './trainer-options.js';

/** Milliseconds after which a run lets the page or the process do something else. */
const BREATH_MS = 50;

const START: Position = { epoch: 0, batch: 0, loss: 0, right: 0, count: 0 };

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
  readonly #stage: Stage;
  /** Where a call of `fit` stands. */
  #position: Position = START;
  /** Where the next call of `fit` goes on. */
  #resumed: Position | null = null;
  readonly #average: WeightAverage = new WeightAverage();
  #lastBreath = 0;
  /** Steps of all runs so far. */
  #step = 0;
  /** Epochs of all runs so far. */
  #epoch = 0;

  private constructor(model: Model, options: TrainerOptions, plan: StepPlan, stage: Stage) {
    this.#model = model;
    this.#options = options;
    this.#plan = plan;
    this.#stage = stage;
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
    // Some operators that move elements ask the plain ones what goes where.
    await loadOperators();
    const { loss } = options;
    const network = new Network(model, workspace, { target: ({ graph }) => loss.compared(graph), trainable });
    const typed = network.for(1);
    const width = knownDims(typed.target).reduce((a, b) => a * b, 1);
    const buffers = new StepBuffers(workspace, network.inputs, width, batchSize);
    const dropout = options.dropout ?? {};
    checkDropout(dropout, new Set(typed.nodes.flatMap((node) => [node.name, node.outputs[0]?.name ?? ''])));
    const plan = { workspace, network, loss, buffers, dropout };
    const stage = new Stage(plan, width, (await loss.open?.()) ?? null);
    const trainer = new Trainer(model, { ...options, batchSize }, plan, stage);
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
   * Bytes of kernel memory: weights, what the optimizer keeps, batches, and the arena of a step. It grows where a size of
   * batch comes for the first time, or constraints change; never from one epoch to the next.
   */
  get memoryBytes(): number {
    return this.#plan.workspace.heap.memory.buffer.byteLength;
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
    const { epochs } = options;
    // Where a checkpoint was taken, or the start.
    this.#position = this.#resumed ?? START;
    this.#resumed = null;
    try {
      while (this.#position.epoch < epochs) await this.#trainEpoch(samples, options);
    } finally {
      this.#position = START;
    }
  }

  /** Trains on the samples that are left of an epoch. */
  async #trainEpoch(samples: Samples, options: FitOptions): Promise<void> {
    const { epochs, schedule = constant(), progressEvery = Number.POSITIVE_INFINITY } = options;
    const batchSize = this.#options.batchSize ?? 64;
    const batches = Math.ceil(samples.count / batchSize);
    const order = shuffled(samples.count, this.#random.fork(`order ${this.#epoch}`));
    const before = this.#snapshot();
    const { epoch } = this.#position;
    for (let { batch } = this.#position; batch < batches; batch++) {
      checkSignal(options.signal);
      await this.#breathe();
      const at = { step: epoch * batches + batch, steps: batches * epochs, epoch, epochs };
      const learningRate = this.#options.optimizer.learningRate * schedule(at);
      const indices = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      await this.#train(samples, indices, learningRate, options.augment);
      const result = this.#stage.result(samples, indices);
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
      const accuracy = this.#stage.hasClasses(samples) ? right / count : null;
      const place = { ...at, step: at.step + 1, epoch: this.#position.epoch };
      const progress: TrainingProgress = { ...place, loss: loss / count, accuracy, learningRate };
      options.onProgress?.(progress);
      if (isLast) await options.onEpoch?.(progress);
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
      await this.#stage.load(samples, indices);
      this.#stage.forward(count);
      const result = this.#stage.result(samples, indices);
      loss += result.loss;
      right += result.right;
    }
    const accuracy = this.#stage.hasClasses(samples) ? right / samples.count : null;
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
    this.#stage.forget();
  }

  /**
   * All that decides how a run goes on, at any time between two steps: in `onProgress`, `onEpoch`, or outside of `fit`. A
   * trainer that is made alike and restored, and then told to `fit` alike, ends with the same weights, bit for bit.
   */
  checkpoint(): Uint8Array {
    const parameters = this.#plan.network.changing.map((parameter) => ({
      name: parameter.name,
      constraint: parameter.constraint,
      trained: parameter.readTrained(),
      slots: parameter.spec.isTrainable ? this.#rule.read(parameter) : this.#noSlots(),
    }));
    return writeCheckpoint({
      fingerprint: this.#fingerprint(),
      step: this.#step,
      epoch: this.#epoch,
      position: this.#resumed ?? this.#position,
      parameters,
    });
  }

  /**
   * Goes back to a checkpoint: the next `fit` goes on where it was taken.
   *
   * @throws {FormatError} when the bytes are no checkpoint
   * @throws {DataError} when it is one of another model, or of a trainer with other options
   */
  restore(checkpoint: Uint8Array): void {
    const saved = readCheckpoint(checkpoint, this.#fingerprint(), this.#options.optimizer.slots);
    for (const { name, constraint, trained, slots } of saved.parameters) {
      const parameter = this.#plan.network.parameters.get(name);
      if (parameter === undefined) continue;
      if (parameter.spec.isTrainable) this.constrain(name, constraint);
      parameter.writeTrained(trained);
      if (parameter.spec.isTrainable) this.#rule.write(parameter, slots);
    }
    this.#step = saved.step;
    this.#epoch = saved.epoch;
    this.#resumed = saved.position;
    this.#average.clear();
  }

  /** Takes the weights as they are now into a mean. Called once an epoch near the end of a run, and then `useAverage`. */
  addToAverage(): void {
    this.#average.add(this.#plan.network.changing);
  }

  /**
   * Puts the mean of the weights at each `addToAverage` in their place, and forgets it. Nothing where there was none.
   *
   * @see Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization" (arXiv:1803.05407)
   */
  useAverage(): void {
    this.#average.apply();
    this.#average.clear();
  }

  /**
   * Writes the trained weights into the model that the trainer was made of, and takes its Dropout nodes out.
   *
   * @param encode - how a weight is stored; dense float32 where left out
   */
  writeBack(encode: (name: string, weight: Tensor) => Encoding = (_, weight) => dense(weight)): void {
    const { graph } = this.#model;
    for (const parameter of this.#plan.network.changing) {
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
    this.#stage.release();
  }

  /** What weights, optimizer and loss are, line by line. */
  #fingerprint(): string {
    const { optimizer, loss, batchSize, seed = 1 } = this.#options;
    const lines = this.#plan.network.changing.map(({ name, spec }) => `${name} [${spec.dims.join(', ')}]`);
    return [`${loss.name}, ${optimizer.name}, batches of ${batchSize}, seed ${seed}`, ...lines].join('\n');
  }

  #noSlots(): readonly Float32Array[] {
    return Array.from({ length: this.#options.optimizer.slots }, () => new Float32Array());
  }

  /** Lets the page or the process do something else from time to time. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#lastBreath <= BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#lastBreath = performance.now();
  }

  #parameter(name: string): Parameter {
    const found = this.#plan.network.parameters.get(name);
    if (found?.spec.isTrainable === true) return found;
    throw new OptionsError({
      what: `The model trains no weight "${name}".`,
      fix: `Weights that are trained: ${this.weightNames.map((known) => `"${known}"`).join(', ')}.`,
    });
  }

  async #train(
    samples: Samples,
    indices: Uint32Array,
    rate: number,
    augment: Augment | undefined,
  ): Promise<void> {
    this.#step++;
    const random = this.#random.fork(`step ${this.#step}`);
    await this.#stage.load(samples, indices, augment && { by: augment, random });
    const optimizer = this.#rule.optimizer.words(this.#step, rate);
    this.#stage.train(indices.length, this.#rule, { optimizer, dropout: random.next() * 2 ** 32 });
  }

  async #samplesOf(data: Dataset | Samples): Promise<Samples> {
    const samples = 'batches' in data ? await collectSamples(data) : data;
    this.#stage.check(samples);
    return samples;
  }

  #snapshot(): ReadonlyMap<Parameter, Float32Array> {
    return new Map(this.#plan.network.changing.map((parameter) => [parameter, parameter.readTrained()]));
  }

  /** Finds where numbers end, puts the weights back and throws. */
  #fail(before: ReadonlyMap<Parameter, Float32Array>, count: number): never {
    const layer = this.#stage.firstBadLayer(count);
    for (const [parameter, values] of before) parameter.writeTrained(values);
    this.#rule.reset();
    throw new TrainingError({
      what: `The loss is no finite number in step ${this.#step}.`,
      where: layer === null ? 'the loss' : `the result of node "${layer}"`,
      fix: 'Take a lower learning rate. The weights are those of the end of the epoch before.',
    });
  }
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
