import { elementCount, type Node, ShapeError } from '@espalier/core';
import type { Activation, Address, Argument } from '@espalier/runtime/tape';
import { plus } from '../step/argument.js';
import { recordSpread } from '../step/broadcast.js';
import { operandOf } from '../step/operand.js';
import type { OperatorCall } from '../step/operator-call.js';
import { recordPacking, recordProduct, recordTransposedProduct } from '../step/product.js';
import type { StepRecorder } from '../step/step-recorder.js';
import { sumRows } from './column-sums.js';
import type { Differentiable, RecordedOutputs } from './differentiable.js';
import type { Direction, GateGradients, RecurrentSize } from './recurrent-direction.js';

/** Inputs of a recurrent layer. */
const WEIGHTS = 1;
const RECURRENCE = 2;
const BIASES = 3;
const LENGTHS = 4;
const FIRST_STATE = 5;
const FIRST_CELL = 6;
const PEEPHOLES = 7;

/** What a kind of layer has. */
export interface RecurrentKind {
  readonly gates: number;
  /** The only ones it knows: those that are taken where none are named. */
  readonly activations: readonly string[];
  /** How many gates, of the last ones, get their recurrent bias with the product with h, not with the inputs. */
  readonly productBiases: (node: Node) => number;
  open(step: StepRecorder, size: RecurrentSize, isReverse: boolean, node: Node): Direction;
}

const reversals: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

/** A recurrent layer: one product for the inputs of all steps, then step after step in each direction. */
export function recurrent(kind: RecurrentKind): Differentiable {
  return {
    parameters: () => [
      { index: WEIGHTS, layout: 'row-major' },
      { index: RECURRENCE, layout: 'row-major' },
      { index: BIASES, layout: 'row-major', isBias: true },
      // Where a sequence starts is no weight: exporters write zeros there.
      { index: FIRST_STATE, layout: 'row-major', isFixed: true },
      { index: FIRST_CELL, layout: 'row-major', isFixed: true },
    ],
    refusal: (node) => refusal(node, kind),
    record: (call) => new Layer(call, kind).record(),
  };
}

function refusal({ inputs, attributes }: Node, { activations }: RecurrentKind): string | null {
  const parameters = [inputs[WEIGHTS], inputs[RECURRENCE], inputs[BIASES]];
  if (parameters.some((value) => value != null && value.constant === null))
    return 'its weights are not constant';
  if (inputs[LENGTHS] != null) return 'it has sequence_lens';
  if (inputs[PEEPHOLES] != null) return 'it has peepholes';
  for (const name of ['clip', 'input_forget', 'layout'])
    if (attributes.has(name) && (name === 'clip' || attributes.int(name, 0) !== 0)) return `it has ${name}`;
  const direction = attributes.string('direction', 'forward');
  if (reversals[direction] === undefined) return `its direction is "${direction}"`;
  const others = attributes
    .strings('activations', activations)
    .filter((name, i) => name.toLowerCase() !== activations[i % activations.length]?.toLowerCase());
  return others.length === 0 ? null : `it has other activations than ${activations.join(', ')}`;
}

/** Results of a layer: Y, Y_h and Y_c, where the node has them. */
type Results = readonly (Activation | null)[];

class Layer {
  readonly #call: OperatorCall;
  readonly #step: StepRecorder;
  readonly #kind: RecurrentKind;
  readonly #x: Activation;
  readonly #inputs: number;
  readonly #size: RecurrentSize;
  readonly #directions: readonly Direction[];
  readonly #reversals: readonly boolean[];

  constructor(call: OperatorCall, kind: RecurrentKind) {
    const { step, node } = call;
    this.#call = call;
    this.#step = step;
    this.#kind = kind;
    this.#x = call.input(0);
    const [sequence = 1, batch = 1, inputs = 1] = this.#x.dims;
    const hidden = call.parameter(RECURRENCE)?.spec.dims[2] ?? 0;
    this.#size = { sequence, batch, hidden };
    this.#inputs = inputs;
    this.#reversals = reversals[node.attributes.string('direction', 'forward')] ?? [];
    this.#directions = this.#reversals.map((isReverse) => kind.open(step, this.#size, isReverse, node));
  }

  record(): RecordedOutputs {
    const { sequence, batch, hidden } = this.#size;
    const stateDims = [this.#directions.length, batch, hidden];
    const results = [[sequence, ...stateDims], stateDims, stateDims].map((dims, index) =>
      this.#call.node.outputs[index] == null ? null : this.#step.reals(dims, 'row-major'),
    );
    for (const [d, direction] of this.#directions.entries()) this.#forward(d, direction, results);
    return { outputs: results, backwardAll: (gradients) => this.#backward(gradients) };
  }

  #forward(d: number, direction: Direction, [y, last, lastCell]: Results): void {
    const step = this.#step;
    const { sequence, batch, hidden } = this.#size;
    const [rows, columns, k] = [sequence * batch, this.#columns, this.#inputs];
    const at = this.#weightsOf(d);
    const matrix = { n: columns, k, at, rowStride: 1, columnStride: k };
    const packed = recordPacking(step, matrix, this.#inputBias(d));
    const given = step.scratch(rows * columns * 4);
    recordProduct(step, { m: rows, n: columns, k }, this.#x.reals('row-major'), packed, given);
    const bytes = batch * hidden * 4;
    const [first, end] = this.#reversals[d] === true ? [sequence, 0] : [0, sequence];
    this.#begin(FIRST_STATE, d, direction.states.plus(first * bytes));
    if (direction.cells !== null) this.#begin(FIRST_CELL, d, direction.cells.plus(first * bytes));
    direction.forward(given, this.#recurrenceOf(d), this.#productBias(d));
    const after = direction.states.plus(this.#reversals[d] === true ? 0 : bytes);
    const stride = bytes * this.#directions.length;
    if (y != null)
      step.call('copyRows', [sequence, bytes, after, bytes, y.reals('row-major').plus(d * bytes), stride]);
    if (last != null)
      step.copy(bytes, direction.states.plus(end * bytes), last.reals('row-major').plus(d * bytes));
    if (lastCell != null && direction.cells !== null)
      step.copy(bytes, direction.cells.plus(end * bytes), lastCell.reals('row-major').plus(d * bytes));
  }

  #backward([dy, dLast, dLastCell]: Results): void {
    const step = this.#step;
    const call = this.#call;
    const { batch, hidden } = this.#size;
    const bytes = batch * hidden * 4;
    const count = this.#directions.length;
    const [dh, dc] = [dLast, dLastCell].map((given) => {
      const to = step.scratch(count * bytes);
      if (given == null) step.call('fillF32', [count * batch * hidden, 0, to]);
      else step.copy(count * bytes, given.reals('row-major'), to);
      return to;
    }) as [Address, Address]; // of two
    const gradients = this.#directions.map((direction, d) => {
      const at = (time: number): Address | null =>
        dy == null ? null : dy.reals('row-major').plus((time * count + d) * bytes);
      return direction.backward(this.#recurrenceOf(d), at, dh.plus(d * bytes), dc.plus(d * bytes));
    });
    this.#giveParameters(gradients);
    if (call.wants(0)) this.#giveInput(gradients);
    for (const [index, gradient] of [
      [FIRST_STATE, dh],
      [FIRST_CELL, dc],
    ] as const) {
      const operand = call.node.inputs[index] == null ? null : operandOf(call, index);
      if (operand?.isWanted) operand.give('row-major', (to) => step.copy(count * bytes, gradient, to));
    }
    for (const direction of this.#directions) direction.release();
  }

  #giveParameters(gradients: readonly GateGradients[]): void {
    const step = this.#step;
    const call = this.#call;
    const [columns, k] = [this.#columns, this.#inputs];
    const { sequence, batch, hidden } = this.#size;
    const rows = sequence * batch;
    const right = { at: this.#x.reals('row-major'), columns: k };
    call.giveParameter(call.parameter(WEIGHTS), (to) => {
      for (const [d, { ofInputs }] of gradients.entries()) {
        const left = { at: ofInputs, columns };
        recordTransposedProduct(step, rows, left, right, plus(to, d * columns * k * 4));
      }
    });
    call.giveParameter(call.parameter(RECURRENCE), (to) => {
      for (const [d, one] of gradients.entries())
        this.#directions[d]?.recurrenceGradient(one, plus(to, d * columns * hidden * 4));
    });
    call.giveParameter(call.parameter(BIASES), (to) => {
      for (const [d, { ofInputs, ofProducts }] of gradients.entries()) {
        const own = plus(to, d * columns * 8);
        sumRows(step, rows, columns, ofInputs, own);
        sumRows(step, rows, columns, ofProducts, plus(own, columns * 4));
      }
    });
  }

  #giveInput(gradients: readonly GateGradients[]): void {
    const step = this.#step;
    const [columns, n] = [this.#columns, this.#inputs];
    const rows = this.#size.sequence * this.#size.batch;
    const dx = step.reals(this.#x.dims, 'row-major');
    for (const [d, { ofInputs }] of gradients.entries()) {
      const at = this.#weightsOf(d);
      const packed = recordPacking(step, { n, k: columns, at, rowStride: n, columnStride: 1 });
      const to = d === 0 ? dx.reals('row-major') : step.scratch(dx.size * 4);
      recordProduct(step, { m: rows, n, k: columns }, ofInputs, packed, to);
      if (d > 0) step.add(dx.size, to, dx.reals('row-major'));
    }
    this.#call.give(0, dx);
  }

  get #columns(): number {
    return this.#kind.gates * this.#size.hidden;
  }

  #weightsOf(d: number): Argument {
    return plus(this.#address(WEIGHTS), d * this.#columns * this.#inputs * 4);
  }

  #recurrenceOf(d: number): Argument {
    return plus(this.#address(RECURRENCE), d * this.#columns * this.#size.hidden * 4);
  }

  /** Biases of the inputs, and those of the recurrence that are only added. */
  #inputBias(d: number): Argument {
    const biases = this.#biasesOf(d);
    if (biases === null) return 0;
    const columns = this.#columns;
    const sum = this.#step.scratch(columns * 4);
    this.#step.copy(columns * 4, biases, sum);
    const added = columns - this.#kind.productBiases(this.#call.node) * this.#size.hidden;
    this.#step.add(added, plus(biases, columns * 4), sum);
    return sum;
  }

  /** Biases of the recurrence that a gate does something with. */
  #productBias(d: number): Argument {
    const biases = this.#biasesOf(d);
    const own = this.#kind.productBiases(this.#call.node) * this.#size.hidden;
    if (biases === null || own === 0) return 0;
    const columns = this.#columns;
    const at = this.#step.scratch(columns * 4);
    this.#step.call('fillF32', [columns, 0, at]);
    const first = (columns - own) * 4;
    this.#step.copy(own * 4, plus(biases, columns * 4 + first), at.plus(first));
    return at;
  }

  #biasesOf(d: number): Argument | null {
    const address = this.#address(BIASES);
    return address === 0 ? null : address + d * this.#columns * 8;
  }

  /** 0 where it is left out. */
  #address(index: number): number {
    return this.#call.parameter(index)?.effective ?? 0;
  }

  /** The first state of a direction: what is given, or zeros. */
  #begin(index: number, d: number, to: Address): void {
    const step = this.#step;
    const { batch, hidden } = this.#size;
    if (this.#call.node.inputs[index] == null) {
      step.call('fillF32', [batch * hidden, 0, to]);
      return;
    }
    const given = operandOf(this.#call, index);
    // A model that was exported for one sample has one state.
    const own = given.dims[1] === 1 ? 1 : batch;
    const count = this.#directions.length;
    if (elementCount(given.dims) !== count * own * hidden) {
      throw new ShapeError({
        what: `A first state is of shape [${given.dims.join(', ')}], [${count}, ${batch}, ${hidden}] is expected.`,
        where: this.#call.where,
      });
    }
    const at = plus(given.reals('row-major'), d * own * hidden * 4);
    recordSpread(step, { dims: [batch, hidden], layout: 'row-major' }, { dims: [own, hidden], at }, to);
  }
}
