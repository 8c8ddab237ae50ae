import { Tensor } from '@espalier/core';
import { pickByTables } from './axis-tables.js';
import { moved, storageFor } from './elements.js';
import { shapeError, unsupported } from './failures.js';
import { integersOf, optional, required, resolveAxes, resolveAxis, shown } from './inputs.js';
import type { Inputs, NamedCall, OperatorFamily } from './operator.js';
import { allTypes } from './type-sets.js';

/** Pad, in all modes; negative pads crop. */
export const padding: OperatorFamily = {
  Pad: { types: allTypes, required: 2, run: (inputs, call) => [pad(inputs, call)] },
};

/** Source index of a result index that may lie outside of [0, size); -1 where the constant goes. */
type SourceIndex = (index: number, size: number) => number;

const modes: Readonly<Record<string, SourceIndex>> = {
  constant: (index, size) => (index >= 0 && index < size ? index : -1),
  edge: (index, size) => Math.min(size - 1, Math.max(0, index)),
  wrap: (index, size) => modulo(index, size),
  // The edges are not repeated: the pattern has a period of 2 (size - 1).
  reflect: (index, size) => {
    if (size === 1) return 0;
    const phase = modulo(index, 2 * (size - 1));
    return phase < size ? phase : 2 * (size - 1) - phase;
  },
};

function modulo(a: number, b: number): number {
  return ((a % b) + b) % b;
}

function pad(inputs: Inputs, call: NamedCall): Tensor {
  const x = required(inputs, 0, call);
  const { before, after } = padsOf(x, inputs, call);
  const mode = call.attributes.string('mode', 'constant');
  const sourceOf = modes[mode];
  if (sourceOf === undefined) {
    throw unsupported(call, `mode "${mode}" is unknown.`, `Use ${Object.keys(modes).join(', ')}.`);
  }
  const dims = x.dims.map((dim, axis) => dim + (before[axis] ?? 0) + (after[axis] ?? 0));
  if (dims.some((dim) => dim < 0)) throw shapeError(call, `pads crop more than shape ${shown(x.dims)} has.`);
  const data = storageFor(x.type, dims, call);
  if (mode !== 'constant' && x.size === 0 && data.length > 0) {
    throw shapeError(call, `mode "${mode}" has nothing to repeat in shape ${shown(x.dims)}.`);
  }
  const out = moved(data);
  const constant = optional(inputs, 2);
  if (constant !== null && mode === 'constant') {
    if (constant.type !== x.type || constant.size !== 1) {
      throw shapeError(
        call,
        `the constant is ${constant.type} ${shown(constant.dims)}, one ${x.type} is expected.`,
      );
    }
    // One element, as just checked.
    out.fill(moved(constant.data)[0]!);
  }
  const tables = dims.map((dim, axis) =>
    Int32Array.from({ length: dim }, (_, index) => sourceOf(index - (before[axis] ?? 0), x.dims[axis] ?? 1)),
  );
  pickByTables(out, moved(x.data), x.dims, tables);
  return new Tensor(x.type, data, dims);
}

function padsOf(x: Tensor, inputs: Inputs, call: NamedCall): { before: number[]; after: number[] } {
  const rank = x.dims.length;
  const pads = integersOf(required(inputs, 1, call));
  const axesInput = optional(inputs, 3);
  const axes = axesInput === null ? x.dims.map((_, axis) => axis) : integersOf(axesInput);
  resolveAxes(axes, rank, call);
  if (pads.length !== 2 * axes.length) {
    throw shapeError(
      call,
      `there are ${pads.length} pads for ${axes.length} axes.`,
      'Give two for each axis.',
    );
  }
  const before = new Array<number>(rank).fill(0);
  const after = new Array<number>(rank).fill(0);
  for (const [i, given] of axes.entries()) {
    const axis = resolveAxis(given, rank, call);
    before[axis] = pads[i] ?? 0;
    after[axis] = pads[i + axes.length] ?? 0;
  }
  return { before, after };
}
