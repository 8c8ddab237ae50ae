import { elementCount, ShapeError } from '@espalier/core';
import { packGemmF32 } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import type { Argument } from '../tape/block.js';
import { Address } from '../tape/block.js';
import type { Recorder } from '../tape/recorder.js';
import { isFloat32Value, needed } from './operands.js';

/** What the kernels know of a kind of layer. */
interface Kind {
  readonly gates: number;
  readonly activations: readonly string[];
}

const lstm: Kind = { gates: 4, activations: ['Sigmoid', 'Tanh', 'Tanh'] };
const gru: Kind = { gates: 3, activations: ['Sigmoid', 'Tanh'] };

/** One direction, its weights packed: addresses of kernel memory. */
interface Direction {
  readonly reverse: boolean;
  /** [input, gates * hidden], with all biases that are only added. */
  readonly input: number;
  readonly recurrence: number;
  /** Of a GRU that resets h before the product; else 0. */
  readonly candidate: number;
}

interface Layer {
  readonly gates: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly directions: readonly Direction[];
}

/**
 * LSTM and GRU in float32 with constant weights: one product for the inputs of all steps, then one kernel call a
 * direction.
 *
 * @see ONNX LSTM and GRU, opset 22
 */
export function planRecurrent(job: Job): Planned | Refusal {
  const { node } = job;
  const kind = node.op === 'LSTM' ? lstm : gru;
  const reason = refusalOf(job, kind);
  if (reason !== null) return refuse(reason);
  const layer = readLayer(job, kind);
  if ('reason' in layer) return layer;
  const { gates, inputs: width, hidden, directions } = layer;
  const count = directions.length;
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const [sequence = 0, batch = 0] = x.dims;
    const stateDims = [count, batch, hidden];
    requireDims(job, x.dims, [sequence, batch, width], 'its input');
    const from = x.reals('row-major');
    const [firstStates, firstCells] = [inputs[5], inputs[6]].map((given) => firstOf(job, given, stateDims));
    const yStride = elementCount(stateDims);
    const y = Activation.reals(recorder, [sequence, ...stateDims], 'row-major');
    const last = Activation.reals(recorder, stateDims, 'row-major');
    const cells = gates === 4 ? Activation.reals(recorder, stateDims, 'row-major') : null;
    const bytes = batch * hidden * 4;
    const zeros = recorder.held.place(new Float32Array(yStride));
    const columns = gates * hidden;
    const given = recorder.scratch(sequence * batch * columns * 4);
    const scratch = recorder.scratch(batch * 4 * hidden * 4);
    if (cells !== null) copy(recorder, firstCells ?? zeros, cells.reals('row-major'), yStride * 4);
    for (const [d, { reverse, input, recurrence, candidate }] of directions.entries()) {
      const state = plus(firstStates ?? zeros, d * bytes);
      const to = y.reals('row-major').plus(d * bytes);
      const rows = sequence * batch;
      recorder.split('gemmF32', rows, rows * columns * width, ({ first, end }) => {
        const [a, c] = [from.plus(first * width * 4), given.plus(first * columns * 4)];
        return [end - first, columns, width, a, width, input, c, columns, -Infinity, Infinity];
      });
      const size = [sequence, batch, hidden, given, recurrence];
      const rest = [to, yStride, reverse ? 1 : 0, scratch];
      const macs = rows * columns * hidden;
      if (cells === null) recorder.call('gruF32', [...size, candidate, state, ...rest], macs);
      else
        recorder.call('lstmF32', [...size, state, cells.reals('row-major').plus(d * bytes), ...rest], macs);
      const end = sequence === 0 ? state : to.plus(reverse ? 0 : (sequence - 1) * yStride * 4);
      copy(recorder, end, last.reals('row-major').plus(d * bytes), bytes);
    }
    return wanted(job, [y, last, cells]);
  };
  return { compute, packed: [1, 2, 3] };
}

/** What of a node the kernels do not know; null where they know all of it. */
function refusalOf({ node, constant }: Job, { gates, activations }: Kind): string | null {
  const { attributes, inputs } = node;
  if (!isFloat32Value(inputs[0])) return 'it is not float32';
  if (inputs[4] != null) return 'sequence_lens has no kernel';
  if (gates === 4 && inputs[7] != null) return 'peepholes have no kernel';
  if (attributes.has('clip') || attributes.int('input_forget', 0) !== 0 || attributes.int('layout', 0) !== 0)
    return 'clip, input_forget and layout 1 have no kernel';
  const names = attributes.strings('activations', activations).map((name) => name.toLowerCase());
  if (names.some((name, i) => name !== activations[i % activations.length]?.toLowerCase()))
    return 'other activations than the default have no kernel';
  const parameters = inputs.slice(1, 4).filter((value) => value !== null);
  const isConstant = parameters.every((value) => constant(value)?.type === 'float32');
  return isConstant ? null : 'its weights are not constant float32';
}

function readLayer(job: Job, { gates }: Kind): Layer | Refusal {
  const { attributes, inputs } = job.node;
  const [w, r, b] = [1, 2, 3].map((index) => job.constant(inputs[index]));
  const named = attributes.string('direction', 'forward');
  const reversals: Readonly<Record<string, readonly boolean[]>> = {
    forward: [false],
    reverse: [true],
    bidirectional: [false, true],
  };
  const directions = reversals[named];
  if (directions === undefined || w == null || r == null) return refuse(`direction "${named}" is unknown`);
  const [count = 0, rows = 0, width = 0] = w.dims;
  const hidden = rows / gates;
  const fits =
    count === directions.length &&
    r.dims.join() === [count, rows, hidden].join() &&
    attributes.int('hidden_size', hidden) === hidden &&
    (b == null || b.dims.join() === [count, 2 * rows].join());
  if (!fits) return refuse('its weights do not fit each other');
  // Checked by refusalOf.
  const [weights, recurrence, biases] = [w, r, b].map(
    (tensor) => (tensor?.data ?? null) as Float32Array | null,
  );
  const resetsBefore = gates === 3 && attributes.int('linear_before_reset', 0) === 0;
  const part = (data: Float32Array | null | undefined, d: number) => {
    const size = (data?.length ?? 0) / count;
    return data?.subarray(d * size, (d + 1) * size) ?? new Float32Array(2 * rows);
  };
  const shape = { gates, width, hidden, resetsBefore };
  const read = (reverse: boolean, d: number): Direction => {
    const parts = { weights: part(weights, d), recurrence: part(recurrence, d), bias: part(biases, d) };
    return { reverse, ...pack(job, { ...shape, ...parts }) };
  };
  return { gates, inputs: width, hidden, directions: directions.map(read) };
}

/** Parameters of one direction. */
interface Parameters {
  readonly gates: number;
  /** [gates * hidden, width] */
  readonly weights: Float32Array;
  /** [gates * hidden, hidden] */
  readonly recurrence: Float32Array;
  /** [2 * gates * hidden]: those of the input, then those of the recurrence. */
  readonly bias: Float32Array;
  readonly width: number;
  readonly hidden: number;
  /** Whether a GRU resets h before its product with the weights. */
  readonly resetsBefore: boolean;
}

function pack({ workspace }: Job, parameters: Parameters): Omit<Direction, 'reverse'> {
  const { gates, weights, recurrence, bias, width, hidden, resetsBefore } = parameters;
  const rows = gates * hidden;
  // The reset gate of a linear GRU scales the recurrent bias of its candidate; all others are only added.
  const added = gates === 3 && !resetsBefore ? 2 * hidden : rows;
  const inputBias = Float32Array.from({ length: rows }, (_, i) =>
    Math.fround((bias[i] ?? 0) + (i < added ? (bias[rows + i] ?? 0) : 0)),
  );
  const place = (data: Float32Array, k: number, n: number, own?: Float32Array) =>
    workspace.heap.place(packGemmF32({ data, k, n, rowStride: 1, columnStride: k, bias: own }));
  const left = Float32Array.from({ length: rows }, (_, i) => (i < added ? 0 : (bias[rows + i] ?? 0)));
  const joined = resetsBefore ? 2 * hidden : rows;
  return {
    input: place(weights, width, rows, inputBias),
    recurrence: place(recurrence, hidden, joined, left.subarray(0, joined)),
    candidate: resetsBefore ? place(recurrence.subarray(2 * hidden * hidden), hidden, hidden) : 0,
  };
}

function firstOf(job: Job, given: Activation | null | undefined, dims: readonly number[]): Address | null {
  if (given == null) return null;
  requireDims(job, given.dims, dims, 'an initial state');
  return given.reals('row-major');
}

function requireDims(job: Job, dims: readonly number[], wantedDims: readonly number[], what: string): void {
  if (dims.join() === wantedDims.join()) return;
  throw new ShapeError({
    what: `${job.node.op} got ${what} of shape [${dims.join(', ')}], [${wantedDims.join(', ')}] is expected.`,
    where: `node "${job.node.name}"`,
  });
}

function plus(place: Address | number, bytes: number): Address | number {
  return place instanceof Address ? place.plus(bytes) : place + bytes;
}

function copy(recorder: Recorder, from: Argument, to: Argument, bytes: number): void {
  recorder.call('copyRows', [1, bytes, from, bytes, to, bytes]);
}

/** The results that somebody reads; the others are let go of. */
function wanted({ outputs }: Job, results: readonly (Activation | null)[]): (Activation | null)[] {
  return results.map((result, index) => {
    if (outputs[index] != null) return result;
    result?.release();
    return null;
  });
}
