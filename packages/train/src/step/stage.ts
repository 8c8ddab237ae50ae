import { DataError, type Random, Tensor } from '@espalier/core';
import type { Tape } from '@espalier/runtime/tape';
import type { Augment } from '../data/augment.js';
import { checkSamples } from '../data/check-samples.js';
import { readSamples, type Samples } from '../data/samples.js';
import type { TargetSource } from '../loss/loss.js';
import type { UpdateRule } from '../optimizer/update-rule.js';
import { recordForward, recordTraining, type StepPlan } from './record-step.js';

/** What a batch came to. */
export interface BatchResult {
  /** Sum over its samples. */
  readonly loss: number;
  /** Samples whose largest output is that of their class; 0 where there are no classes. */
  readonly right: number;
}

/** What changes from step to step beside the samples. */
export interface StepWords {
  readonly optimizer: readonly number[];
  /** 32 bits that decide what dropout drops. */
  readonly dropout: number;
}

/** Puts batches where the kernels find them, and plays steps: recorded for each size of batch once. */
export class Stage {
  readonly #plan: StepPlan;
  readonly #width: number;
  readonly #source: TargetSource | null;
  /** By purpose and number of samples. */
  readonly #tapes = new Map<string, Tape>();
  #isReleased = false;

  /**
   * @param width - numbers that the network gives for a sample
   * @param source - gives targets, where they come from another model
   */
  constructor(plan: StepPlan, width: number, source: TargetSource | null) {
    this.#plan = plan;
    this.#width = width;
    this.#source = source;
  }

  /** @throws {DataError} when samples do not fit the network or the loss */
  check(samples: Samples): void {
    checkSamples(samples, this.#plan.network.inputs, this.#plan.loss, this.#width);
  }

  /** Whether outputs stand for classes that samples have. */
  hasClasses({ labels }: Samples): boolean {
    return labels !== null && this.#plan.loss.needs !== 'targets';
  }

  /** Copies samples into the buffers, changes them, and has targets made of them where another model gives these. */
  async load(
    samples: Samples,
    indices: Uint32Array,
    augment?: { readonly by: Augment; readonly random: Random },
  ): Promise<void> {
    const count = indices.length;
    const { buffers, network, loss } = this.#plan;
    for (const { name, dims } of network.inputs) {
      const array = samples.inputs[name];
      const data = buffers.inputView(name, count);
      if (array !== undefined) readSamples(array, indices, data);
      augment?.by({ input: name, data, count, dims }, augment.random.fork(name));
    }
    if (this.#source !== null) await this.#askTeacher(this.#source, count);
    const targets = buffers.targetView(count);
    if (samples.targets !== null && loss.needs === 'targets') readSamples(samples.targets, indices, targets);
    const { labels } = samples;
    if (labels === null || loss.writeTarget === undefined) return;
    for (const [i, index] of indices.entries()) {
      loss.writeTarget(labels[index] ?? 0, targets.subarray(i * this.#width, (i + 1) * this.#width));
    }
  }

  /** Runs forward on what was loaded. */
  forward(count: number): void {
    this.#play(`forward ${count}`, () => recordForward(this.#plan, count));
  }

  /** Trains on what was loaded. */
  train(count: number, rule: UpdateRule, words: StepWords): void {
    this.#plan.buffers.setWords(words.optimizer, words.dropout);
    this.#play(`training ${count}`, () => recordTraining(this.#plan, count, rule));
  }

  result(samples: Samples, indices: Uint32Array): BatchResult {
    let loss = 0;
    for (const one of this.#plan.buffers.lossView(indices.length)) loss += one;
    const { labels } = samples;
    if (labels === null || !this.hasClasses(samples)) return { loss, right: 0 };
    const outputs = this.#plan.buffers.outputView(indices.length);
    let right = 0;
    for (const [i, index] of indices.entries()) {
      if (largest(outputs, i * this.#width, this.#width) === labels[index]) right++;
    }
    return { loss, right };
  }

  /** The first node whose result on what was loaded is not finite. */
  firstBadLayer(count: number): string | null {
    let found: string | null = null;
    recordForward(this.#plan, count, (node, output) => {
      if (found === null && !output.realView(output.layout).every(Number.isFinite)) found = node.name;
    }).release();
    return found;
  }

  /** Addresses or calls have changed: steps are recorded anew. */
  forget(): void {
    for (const tape of this.#tapes.values()) tape.release();
    this.#tapes.clear();
  }

  release(): void {
    this.#isReleased = true;
    this.forget();
    this.#source?.release();
    this.#plan.workspace.pool?.release();
  }

  async #askTeacher(source: TargetSource, count: number): Promise<void> {
    const { buffers, network } = this.#plan;
    const feeds = network.inputs.map(({ name, dims }) => {
      const data = buffers.inputView(name, count).slice();
      return [name, new Tensor('float32', data, [count, ...dims])] as const;
    });
    await source.targetsOf(Object.fromEntries(feeds), () => buffers.targetView(count));
  }

  #play(key: string, record: () => Tape): void {
    if (this.#isReleased) {
      throw new DataError({ what: 'The trainer has been released.', fix: 'Create another one.' });
    }
    const known = this.#tapes.get(key);
    if (known === undefined) {
      this.#tapes.set(key, record());
      return;
    }
    known.settle();
    known.run();
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
