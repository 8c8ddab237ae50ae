import type { Tensor } from '@espalier/core';
import { hardSigmoid, sigmoid, softplus } from './activations.js';
import { doublesOf, tensorFromDoubles } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { integersOf, optional, required, shown } from './inputs.js';
import type { Inputs, NamedCall } from './operator.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

type Activation = (x: number) => number;

/** Where an activation has no alpha or beta of its own: the defaults of ONNX's operators of that name. */
const activationMakers: Readonly<Record<string, (alpha?: number, beta?: number) => Activation>> = {
  affine:
    (alpha = 1, beta = 0) =>
    (x) =>
      alpha * x + beta,
  elu:
    (alpha = 1) =>
    (x) =>
      x < 0 ? alpha * Math.expm1(x) : x,
  hardsigmoid:
    (alpha = 0.2, beta = 0.5) =>
    (x) =>
      hardSigmoid(x, alpha, beta),
  leakyrelu:
    (alpha = 0.01) =>
    (x) =>
      x < 0 ? alpha * x : x,
  relu: () => (x) => Math.max(0, x),
  scaledtanh:
    (alpha = 1, beta = 1) =>
    (x) =>
      alpha * Math.tanh(beta * x),
  sigmoid: () => sigmoid,
  softplus: () => softplus,
  softsign: () => (x) => x / (1 + Math.abs(x)),
  tanh: () => Math.tanh,
  thresholdedrelu:
    (alpha = 1) =>
    (x) =>
      x > alpha ? x : 0,
};

/** How many alphas and betas an activation takes from the lists of its node. */
const takes: Readonly<Record<string, readonly [number, number]>> = {
  affine: [1, 1],
  elu: [1, 0],
  hardsigmoid: [1, 1],
  leakyrelu: [1, 0],
  scaledtanh: [1, 1],
  thresholdedrelu: [1, 0],
};

/** One direction of a recurrent layer: weights of its gates, in double. */
export interface Direction {
  readonly reverse: boolean;
  /** [gates * hidden, input] */
  readonly weights: Float64Array;
  /** [gates * hidden, hidden] */
  readonly recurrence: Float64Array;
  /** [2 * gates * hidden]: those of the input, then those of the recurrence. */
  readonly bias: Float64Array;
  /** [3 * hidden]: peepholes of an LSTM's input, output and forget gates. */
  readonly peepholes: Float64Array;
  readonly activations: readonly Activation[];
}

export interface RecurrentLayer {
  readonly batch: number;
  readonly sequence: number;
  readonly input: number;
  readonly hidden: number;
  readonly directions: readonly Direction[];
  /** Limits what goes into the activations to [-clip, clip]. */
  readonly limit: (x: number) => number;
}

/** State of one sequence: what a step reads and writes. `cell` is that of an LSTM. */
export interface StepState {
  /** The step's input; [input]. */
  readonly x: Float64Array;
  /** [hidden], overwritten with the next. */
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
  /** x * weights and hidden * recurrence, each [gates * hidden], with their biases. */
  readonly fromInput: Float64Array;
  readonly fromHidden: Float64Array;
}

export type Step = (state: StepState, direction: Direction, layer: RecurrentLayer) => void;

/** What a kind of layer has: gates, activations for each direction, and its step. */
export interface Recurrence {
  readonly gates: number;
  readonly activations: readonly string[];
  readonly step: Step;
}

/**
 * Runs a recurrent layer over each sequence of the batch. Outputs are Y, Y_h and Y_c (null where there is
 * no cell), in the layout the node asks for. Past the length of a shorter sequence Y is zero and the state
 * stays; a reversed direction starts at that length.
 *
 * @see ONNX LSTM, GRU and RNN, opset 22
 */
export function runRecurrent(inputs: Inputs, recurrence: Recurrence, call: NamedCall): (Tensor | null)[] {
  const isLstm = recurrence.gates === 4;
  const batchFirst = call.attributes.int('layout', 0) !== 0;
  const x = required(inputs, 0, call);
  const layer = readLayer(inputs, recurrence, batchFirst, call);
  const { batch, sequence, input, hidden } = layer;
  const count = layer.directions.length;
  const lengths = lengthsOf(optional(inputs, 4), layer, call);
  const values = doublesOf(x);
  const states = [optional(inputs, 5), isLstm ? optional(inputs, 6) : null].map((state) =>
    initialState(state, batchFirst ? [batch, count, hidden] : [count, batch, hidden], call),
  ) as [Float64Array, Float64Array];
  const y = new Float64Array(sequence * count * batch * hidden);
  for (const [d, direction] of layer.directions.entries()) {
    for (let b = 0; b < batch; b++) {
      const place = (batchFirst ? b * count + d : d * batch + b) * hidden;
      const state: StepState = {
        x: new Float64Array(input),
        hidden: states[0].subarray(place, place + hidden),
        cell: states[1].subarray(place, place + hidden),
        fromInput: new Float64Array(recurrence.gates * hidden),
        fromHidden: new Float64Array(recurrence.gates * hidden),
      };
      const length = lengths[b]!;
      for (let i = 0; i < length; i++) {
        const t = direction.reverse ? length - 1 - i : i;
        const start = (batchFirst ? b * sequence + t : t * batch + b) * input;
        state.x.set(values.subarray(start, start + input));
        project(direction, state, recurrence.gates * hidden);
        recurrence.step(state, direction, layer);
        const at = batchFirst ? (b * sequence + t) * count + d : (t * count + d) * batch + b;
        y.set(state.hidden, at * hidden);
      }
    }
  }
  const yDims = batchFirst ? [batch, sequence, count, hidden] : [sequence, count, batch, hidden];
  const stateDims = batchFirst ? [batch, count, hidden] : [count, batch, hidden];
  return [
    call.outputs[0] ? tensorFromDoubles(x.type, y, yDims, call) : null,
    call.outputs[1] ? tensorFromDoubles(x.type, states[0], stateDims, call) : null,
    isLstm && call.outputs[2] ? tensorFromDoubles(x.type, states[1], stateDims, call) : null,
  ];
}

/** The two products of a step with the gates' weights. */
function project(direction: Direction, state: StepState, rows: number): void {
  addProduct(direction.weights, state.x, direction.bias, 0, state.fromInput);
  addProduct(direction.recurrence, state.hidden, direction.bias, rows, state.fromHidden);
}

/** out = matrix * vector + bias[from...]; the matrix is row-major, a row for each element of `out`. */
export function addProduct(
  matrix: Float64Array,
  vector: Float64Array,
  bias: Float64Array,
  from: number,
  out: Float64Array,
): void {
  for (let row = 0; row < out.length; row++) {
    let sum = bias[from + row]!;
    const start = row * vector.length;
    for (let i = 0; i < vector.length; i++) sum += matrix[start + i]! * vector[i]!;
    out[row] = sum;
  }
}

function readLayer(
  inputs: Inputs,
  { gates, activations }: Recurrence,
  batchFirst: boolean,
  call: NamedCall,
): RecurrentLayer {
  const [x, w, r] = [required(inputs, 0, call), required(inputs, 1, call), required(inputs, 2, call)];
  const reversals = reversalsOf(call);
  const count = reversals.length;
  const [first = 0, second = 0, input = 0] = x.dims;
  const [batch, sequence] = batchFirst ? [first, second] : [second, first];
  const hidden = call.attributes.int('hidden_size', r.dims.at(-1) ?? 0);
  expectDims(x, [first, second, input], 'x', call);
  expectDims(w, [count, gates * hidden, input], 'W', call);
  expectDims(r, [count, gates * hidden, hidden], 'R', call);
  const bias = parametersOf(optional(inputs, 3), [count, 2 * gates * hidden], 'B', call);
  const peepholes = parametersOf(gates === 4 ? optional(inputs, 7) : null, [count, 3 * hidden], 'P', call);
  const [weights, recurrence] = [doublesOf(w), doublesOf(r)];
  const chosen = activationsOf(activations, count, call);
  const directions = reversals.map((reverse, d) => ({
    reverse,
    weights: part(weights, d, count),
    recurrence: part(recurrence, d, count),
    bias: part(bias, d, count),
    peepholes: part(peepholes, d, count),
    activations: chosen.slice(d * activations.length, (d + 1) * activations.length),
  }));
  const clip = call.attributes.float('clip', Infinity);
  return { batch, sequence, input, hidden, directions, limit: (v) => Math.max(-clip, Math.min(clip, v)) };
}

function part(values: Float64Array, index: number, count: number): Float64Array {
  const size = values.length / count;
  return values.subarray(index * size, (index + 1) * size);
}

function reversalsOf(call: NamedCall): readonly boolean[] {
  const direction = call.attributes.string('direction', 'forward');
  if (direction === 'forward') return [false];
  if (direction === 'reverse') return [true];
  if (direction === 'bidirectional') return [false, true];
  throw unsupported(call, `direction "${direction}" is unknown.`, 'Use forward, reverse or bidirectional.');
}

/** The functions that `activations` names; alphas and betas go to those that take them, in order. */
function activationsOf(defaults: readonly string[], directions: number, call: NamedCall): Activation[] {
  const repeated = Array.from({ length: directions }, () => defaults).flat();
  const names = call.attributes.strings('activations', repeated);
  if (names.length !== repeated.length) {
    throw shapeError(call, `${names.length} activations are named, ${repeated.length} are needed.`);
  }
  const alphas = [...call.attributes.floats('activation_alpha', [])];
  const betas = [...call.attributes.floats('activation_beta', [])];
  return names.map((name) => {
    const key = name.toLowerCase();
    const make = activationMakers[key];
    if (make === undefined) throw unsupported(call, `activation "${name}" is unknown.`);
    const [alpha, beta] = takes[key] ?? [0, 0];
    return make(alpha > 0 ? alphas.shift() : undefined, beta > 0 ? betas.shift() : undefined);
  });
}

function lengthsOf(tensor: Tensor | null, { batch, sequence }: RecurrentLayer, call: NamedCall): number[] {
  if (tensor === null) return new Array<number>(batch).fill(sequence);
  const lengths = integersOf(tensor);
  if (lengths.length !== batch || lengths.some((length) => length < 0 || length > sequence)) {
    throw shapeError(call, `sequence_lens ${shown(lengths)} do not fit ${batch} sequences of ${sequence}.`);
  }
  return lengths;
}

/** A copy of a given state, or zeros. */
function initialState(state: Tensor | null, dims: readonly number[], call: NamedCall): Float64Array {
  return Float64Array.from(parametersOf(state, dims, 'an initial state', call));
}

function parametersOf(
  tensor: Tensor | null,
  dims: readonly number[],
  name: string,
  call: NamedCall,
): Float64Array {
  if (tensor === null) return new Float64Array(dims.reduce((a, b) => a * b, 1));
  expectDims(tensor, dims, name, call);
  return doublesOf(tensor);
}

function expectDims(tensor: Tensor, dims: readonly number[], name: string, call: NamedCall): void {
  if (shown(tensor.dims) !== shown(dims)) {
    throw shapeError(call, `${name} is of shape ${shown(tensor.dims)}, ${shown(dims)} is expected.`);
  }
}
