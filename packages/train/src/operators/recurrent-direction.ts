import { type UnaryFunctionName, unaryFunctions } from '@espalier/kernels';
import type { Activation, Address, Argument } from '@espalier/runtime/tape';
import type { PairKernel } from '../step/broadcast.js';
import type { StepRecorder } from '../step/step-recorder.js';

/** Sizes of a recurrent layer. */
export interface RecurrentSize {
  readonly sequence: number;
  readonly batch: number;
  readonly hidden: number;
}

/** Gradients of what goes into the gates, [sequence, batch, gates * hidden]. */
export interface GateGradients {
  readonly ofInputs: Address;
  /** Of the biases that are added to the product with h. */
  readonly ofProducts: Address;
}

/** One direction of a recurrent layer, recorded step by step. */
export interface Direction {
  /** h before the first step and after each one: [sequence + 1, batch, hidden], in the order of time. */
  readonly states: Address;
  /** c likewise, of an LSTM. */
  readonly cells: Address | null;
  /**
   * @param given - what inputs and biases give the gates, [sequence, batch, gates * hidden]
   * @param recurrence - [gates * hidden, hidden]
   * @param bias - [gates * hidden], what is added to the product with h by itself; 0 for nothing
   */
  forward(given: Address, recurrence: Argument, bias: Argument): void;
  /**
   * @param recurrence - as in `forward`
   * @param dy - the gradient of h at a time; null where there is none
   * @param dh - the gradient of the last h; that of the first one afterwards
   * @param dc - likewise of c
   */
  backward(
    recurrence: Argument,
    dy: (time: number) => Address | null,
    dh: Address,
    dc: Address,
  ): GateGradients;
  /** Writes the gradient of the recurrent weights; after `backward`. */
  recurrenceGradient(gradients: GateGradients, to: Argument): void;
  /** Gives back what was kept for the backward pass. */
  release(): void;
}

/** What directions have in common: how they walk over time, and arithmetic on [batch, hidden] at a time. */
export class TimeWalk {
  readonly step: StepRecorder;
  readonly size: RecurrentSize;
  /** Elements of [batch, hidden]. */
  readonly n: number;
  /** In the order in which the steps are done. */
  readonly times: readonly number[];
  readonly #isReverse: boolean;
  readonly #kept: Activation[] = [];

  constructor(step: StepRecorder, size: RecurrentSize, isReverse: boolean) {
    this.step = step;
    this.size = size;
    this.n = size.batch * size.hidden;
    const times = Array.from({ length: size.sequence }, (_, time) => time);
    this.times = isReverse ? times.reverse() : times;
    this.#isReverse = isReverse;
  }

  /** The index of what is before a step, among sequence + 1. */
  before(time: number): number {
    return this.#isReverse ? time + 1 : time;
  }

  after(time: number): number {
    return this.#isReverse ? time : time + 1;
  }

  /** The index of what is before the first step. */
  get first(): number {
    return this.#isReverse ? this.size.sequence : 0;
  }

  get last(): number {
    return this.#isReverse ? 0 : this.size.sequence;
  }

  /** What was before each step, [sequence, batch, hidden] in the order of time. */
  statesBefore(states: Address): Address {
    return this.at(states, this.#isReverse ? 1 : 0);
  }

  /** Room for so many [batch, hidden], which the backward pass finds as it was left. */
  keep(count: number): Address {
    if (!this.step.purpose.training) return this.step.scratch(count * this.n * 4);
    const kept = this.step.reals([count * this.n], 'row-major');
    this.#kept.push(kept);
    return kept.reals('row-major');
  }

  scratch(count: number): Address {
    return this.step.scratch(count * this.n * 4);
  }

  /** The `index`-th of blocks of `count` [batch, hidden]. */
  at(from: Address, index: number, count = 1): Address {
    return from.plus(index * count * this.n * 4);
  }

  /** y = a and b, element by element, over so many [batch, hidden]. */
  pair(kernel: PairKernel, a: Argument, b: Argument, y: Argument, count = 1): void {
    const n = count * this.n;
    this.step.call(kernel, [1, n, a, b, n, 1, y, -Infinity, Infinity]);
  }

  unary(name: UnaryFunctionName, x: Argument, y: Argument, count = 1): void {
    this.step.call('unaryF32', [unaryFunctions[name], count * this.n, x, y, 0, 0]);
  }

  /** dx = dy f'(x), by y = f(x): of sigmoid and tanh. dx may be dy. */
  slope(name: 'sigmoid' | 'tanh', y: Argument, dy: Argument, dx: Argument, count = 1): void {
    this.step.call('unaryGradientF32', [unaryFunctions[name], count * this.n, y, y, dy, dx, 0, 0]);
  }

  release(): void {
    for (const kept of this.#kept) kept.release();
  }
}
