import { elementCount } from '@espalier/core';
import { type Activation, type Argument, type Layout, layoutsAgree, planesOf } from '@espalier/runtime/tape';
import type { Parameter } from '../network/parameter.js';
import type { OperatorCall } from './operator-call.js';

/** An input of a node that may be computed or constant: where its elements are, and where its gradient goes. */
export interface Operand {
  readonly dims: readonly number[];
  readonly size: number;
  /** The layout that costs nothing. */
  readonly layout: Layout;
  /** Whether its gradient is asked for. */
  readonly isWanted: boolean;
  /** Good until the next part. */
  reals(layout: Layout): Argument;
  /** Adds to its gradient: `write` records what writes all of it, in that layout. */
  give(layout: Layout, write: (to: Argument) => void): void;
}

export function operandOf(call: OperatorCall, index: number): Operand {
  const parameter = call.parameter(index);
  return parameter === null ? new Computed(call, index) : new Constant(call, parameter);
}

class Computed implements Operand {
  readonly #call: OperatorCall;
  readonly #index: number;
  readonly #activation: Activation;

  constructor(call: OperatorCall, index: number) {
    this.#call = call;
    this.#index = index;
    this.#activation = call.input(index);
  }

  get dims(): readonly number[] {
    return this.#activation.dims;
  }

  get size(): number {
    return this.#activation.size;
  }

  get layout(): Layout {
    return this.#activation.layout;
  }

  get isWanted(): boolean {
    return this.#call.wants(this.#index);
  }

  reals(layout: Layout): Argument {
    return this.#activation.reals(layout);
  }

  give(layout: Layout, write: (to: Argument) => void): void {
    const gradient = this.#call.step.reals(this.dims, layout);
    write(gradient.reals(layout));
    this.#call.give(this.#index, gradient);
  }
}

class Constant implements Operand {
  readonly dims: readonly number[];
  readonly size: number;
  readonly layout: Layout;
  readonly isWanted: boolean;
  readonly #call: OperatorCall;
  readonly #parameter: Parameter;

  constructor(call: OperatorCall, parameter: Parameter) {
    this.#call = call;
    this.#parameter = parameter;
    this.dims = parameter.spec.dims;
    this.size = elementCount(this.dims);
    this.layout = parameter.spec.layout;
    this.isWanted = parameter.spec.isTrainable;
  }

  reals(layout: Layout): Argument {
    const { effective } = this.#parameter;
    if (this.#stands(layout)) return effective;
    const turned = this.#call.step.scratch(this.size * 4);
    this.#turn(this.layout, effective, turned);
    return turned;
  }

  give(layout: Layout, write: (to: Argument) => void): void {
    this.#call.giveParameter(this.#parameter, (to) => {
      if (this.#stands(layout)) return write(to);
      const turned = this.#call.step.scratch(this.size * 4);
      write(turned);
      this.#turn(layout, turned, to);
    });
  }

  #stands(layout: Layout): boolean {
    return layout === this.layout || layoutsAgree(this.dims);
  }

  /** From one layout to the other. */
  #turn(layout: Layout, from: Argument, to: Argument): void {
    const { batch, channels, spatial } = planesOf(this.dims);
    const [rows, columns] = layout === 'row-major' ? [channels, spatial] : [spatial, channels];
    this.#call.step.call('transposeF32', [batch, rows, columns, from, to]);
  }
}
