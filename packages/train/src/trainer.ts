import {
  AffineEncoding,
  DataError,
  type Dataset,
  dense,
  type Encoding,
  type Model,
  OptionsError,
  type Quantization,
  Tensor,
} from '@espalier/core';
import { loadTrainKernels } from '@espalier/kernels/train';
import { loadOperators, startThreads, threadCount, Workspace } from '@espalier/runtime/tape';
import { checkDropout } from './check-dropout.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint/checkpoint.js';
import { collectSamples } from './data/collect.js';
import type { Samples } from './data/samples.js';
import type { Evaluation, FitOptions } from './fit-options.js';
import type { Constraint } from './network/constraint.js';
import { knownDims, Network } from './network/network.js';
import type { Parameter } from './network/parameter.js';
import { WeightAverage } from './network/weight-average.js';
import { removeDropouts } from './operators/dropout.js';
import { UpdateRule } from './optimizer/update-rule.js';
import { withCodes } from './quantization/codes.js';
import { requireInRange, requireWhole } from './require-in-range.js';
import { Breath } from './step/breath.js';
import type { StepPlan } from './step/record-step.js';
import { Stage } from './step/stage.js';
import { StepBuffers } from './step/step-buffers.js';
import type { TrainerOptions } from './trainer-options.js';
import { TrainingRun } from './training-run.js';

/** Samples in a step where nothing is said. */
const BATCH_SIZE = 64;

/**
 * Trains the weights of a model. One that is quantized is trained as it will be computed: values and weights are rounded to
 * their codes on the way forward, and gradients go straight through. The same seed gives the same weights, bit for bit, on every machine and with any number
 * of threads.
 */
export class Trainer {
  readonly #model: Model;
  readonly #options: TrainerOptions;
  readonly #plan: StepPlan;
  readonly #rule: UpdateRule;
  readonly #stage: Stage;
  readonly #run: TrainingRun;
  readonly #breath: Breath = new Breath();
  readonly #average: WeightAverage = new WeightAverage();

  private constructor(model: Model, options: TrainerOptions, plan: StepPlan, stage: Stage) {
    this.#model = model;
    this.#options = options;
    this.#plan = plan;
    this.#stage = stage;
    const { l1 = 0, l2 = 0, seed = 1 } = options;
    const rule = new UpdateRule(plan.workspace, options.optimizer, plan.buffers.words, { l1, l2 });
    this.#rule = rule;
    const { network } = plan;
    const batchSize = plan.buffers.capacity;
    this.#run = new TrainingRun({ stage, network, rule, breath: this.#breath, batchSize, seed });
  }

  /**
   * Makes a model ready to be trained. The model itself is not changed until `writeBack`.
   *
   * @throws {UnsupportedError} naming the first operator that can't be trained through
   * @throws {OptionsError} when a number is out of range, or a name is none of the model's
   * @throws {DataError} when a constraint does not fit its weight
   */
  static async create(model: Model, options: TrainerOptions): Promise<Trainer> {
    const { batchSize = BATCH_SIZE, l1 = 0, l2 = 0, trainable = () => true, ranges = 'learned' } = options;
    requireWhole('batchSize', batchSize, 1);
    requireInRange('l1', l1, { min: 0 });
    requireInRange('l2', l2, { min: 0 });
    const threads = threadCount(options.threads ?? 1);
    const workspace = new Workspace(await loadTrainKernels({ shared: threads > 1 }));
    // Some operators that move elements ask the plain ones what goes where.
    await loadOperators();
    const { loss } = options;
    const target = ({ graph }: Model) => loss.compared(graph);
    const network = new Network(model, workspace, { target, trainable, ranges });
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
    const { parameters } = this.#plan.network;
    return [...parameters.values()].filter(({ spec }) => spec.isTrainable).map(({ name }) => name);
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
    await this.#run.fit(samples, options);
  }

  /**
   * Loss and accuracy, without dropout.
   *
   * @throws {DataError} when samples or labels do not fit the model
   */
  async evaluate(data: Dataset | Samples): Promise<Evaluation> {
    const samples = await this.#samplesOf(data);
    const batchSize = this.#plan.buffers.capacity;
    let [loss, right] = [0, 0];
    for (let first = 0; first < samples.count; first += batchSize) {
      const count = Math.min(batchSize, samples.count - first);
      const indices = Uint32Array.from({ length: count }, (_, i) => first + i);
      await this.#breath.take();
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
   * Puts other values under a weight, row-major; under a mask those that are pruned are left out, and on a grid they are what
   * is rounded. Not for shared weights.
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

  /**
   * A copy of the values behind a revivable mask, or of those that are rounded to a grid, row-major; of any other weight what
   * `weight` gives.
   */
  hiddenWeight(name: string): Float32Array {
    const parameter = this.#parameter(name);
    const { constraint } = parameter;
    return constraint !== null && 'indices' in constraint ? parameter.read() : parameter.readTrained();
  }

  /** Scales and zero points of a weight or value of a quantized model, by name, as they are now; null where it has none. */
  quantization(name: string): Quantization | null {
    const { weights, values } = this.#plan.network.grids;
    return (weights.get(name) ?? values.get(name))?.read() ?? null;
  }

  /** A copy of the centroids of a shared weight; null where it is not shared, as statistics of norms never are. */
  centroids(name: string): Float32Array | null {
    if (this.#plan.network.parameters.get(name)?.spec.isState === true) return null;
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
      ...this.#run.state,
      average: this.#average.read(),
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
    const parameters = new Map(this.#plan.network.changing.map((parameter) => [parameter.name, parameter]));
    for (const { name, constraint, trained, slots } of saved.parameters) {
      const parameter = parameters.get(name);
      if (parameter === undefined) continue;
      if (parameter.spec.isTrainable) parameter.constrain(constraint);
      parameter.writeTrained(trained);
      if (parameter.spec.isTrainable) this.#rule.write(parameter, slots);
    }
    this.#stage.forget();
    this.#run.resume(saved);
    this.#average.write(saved.average, this.#plan.network.changing);
  }

  /**
   * Takes the weights as they are now into a mean, which a checkpoint holds too. Without `decay` all count alike: called
   * once an epoch near the end of a run. With it those before count `decay` times as much as they did: a moving average, as
   * often as wanted.
   *
   * @throws {OptionsError} when `decay` is not in 0 ... 1, 1 left out
   * @see Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization" (arXiv:1803.05407);
   *   Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging"
   */
  addToAverage({ decay }: { readonly decay?: number } = {}): void {
    if (decay !== undefined) requireInRange('decay', decay, { min: 0, below: 1 });
    this.#average.add(this.#plan.network.changing, decay);
  }

  /** Puts the mean of the weights at each `addToAverage` in their place, and forgets it. Nothing where there was none. */
  useAverage(): void {
    this.#average.apply();
    this.#average.clear();
  }

  /**
   * Writes the trained weights into the model that the trainer was made of, and takes its Dropout nodes out. What is quantized
   * gets its new scales and zero points.
   *
   * @param encode - how a weight is stored; where left out, as codes if it was quantized, else dense float32
   */
  writeBack(encode?: (name: string, weight: Tensor) => Encoding): void {
    const { graph } = this.#model;
    const { network } = this.#plan;
    for (const parameter of network.changing) {
      const value = graph.value(parameter.name);
      if (value?.constant == null) continue;
      const tensor = new Tensor('float32', parameter.read(), parameter.spec.dims);
      const { grid } = parameter;
      const asBefore = (): Encoding =>
        grid !== null && value.constant instanceof AffineEncoding
          ? withCodes(value.constant, tensor.data, grid.read())
          : dense(tensor);
      graph.replaceConstant(value, encode === undefined ? asBefore() : encode(parameter.name, tensor));
    }
    for (const [name, grid] of network.grids.values) {
      const value = graph.value(name);
      if (value?.type != null) graph.setType(value, { ...value.type, quantization: grid.read() });
    }
    removeDropouts(graph);
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

  #parameter(name: string): Parameter {
    const found = this.#plan.network.parameters.get(name);
    if (found?.spec.isTrainable === true) return found;
    throw new OptionsError({
      what: `The model trains no weight "${name}".`,
      fix: `Weights that are trained: ${this.weightNames.map((known) => `"${known}"`).join(', ')}.`,
    });
  }

  async #samplesOf(data: Dataset | Samples): Promise<Samples> {
    const samples = 'batches' in data ? await collectSamples(data) : data;
    this.#stage.check(samples);
    return samples;
  }
}
