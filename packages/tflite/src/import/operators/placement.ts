import { type Dim, int, numberOfType, string, type Value } from '@espalier/core';
import { inverse, isSameOrder, type Order, sameOrder, withoutAxes } from '../../axes.js';
import { reorderConstant } from '../../reorder-constant.js';
import type { FileTensor } from '../file-graph.js';
import type { OperatorContext, Translate } from '../operator-context.js';
import { shapeOf } from './fully-connected.js';
import { sameGrids } from './same-grids.js';

// Operators that put elements elsewhere.

export const reshape: Translate = (context) => {
  const [x, y] = [context.input(0), context.output()];
  const given = context.optional(1);
  if (given !== null && context.constantOf(given) === null) {
    const shape = context.apply('Cast', [context.value(given)], {
      attributes: { to: int(numberOfType('int64')) },
    });
    const value = context.apply('Reshape', [context.forms.inMemoryOrder(x), shape], {
      grid: context.grid(y),
    });
    context.keep(y, value);
    return;
  }
  const named = given === null ? context.options('Reshape').newShape : context.numbers(1);
  // The sizes that the file declares are those that its author had; open ones are left open.
  const isOpen = [...x.openDims, ...y.openDims].some((dim) => typeof dim !== 'number');
  const isUsable = isOpen && named.length === y.dims.length && named.includes(-1) && !named.includes(0);
  reshapeTo(context, x, y, isUsable ? named : shapeOf(context, y));
};

/** SQUEEZE and EXPAND_DIMS: the file says the shape. */
export const reshapeAsDeclared: Translate = (context) => {
  const y = context.output();
  reshapeTo(context, context.input(0), y, shapeOf(context, y));
};

function reshapeTo(context: OperatorContext, x: FileTensor, y: FileTensor, dims: readonly number[]): void {
  const counts = [x, y].map((tensor) => tensor.dims.reduce((a, b) => a * b, 1));
  if (counts[0] !== counts[1]) {
    throw context.broken(`It gives [${x.dims.join(', ')}] the shape [${y.dims.join(', ')}].`);
  }
  if (sameGrids(x, y)) context.forms.defer(y, x, dims);
  else context.keep(y, regridded(context, context.maker.reshape(context.forms.inMemoryOrder(x), dims), y));
}

/** A value that is rounded to another grid. */
function regridded(context: OperatorContext, value: Value, y: FileTensor): Value {
  return context.apply('Identity', [value], { grid: context.grid(y) });
}

/** A transposed tensor is the same values in another order: no node is needed for it. */
export const transpose: Translate = (context) => {
  const [x, y] = [context.input(0), context.output()];
  const perm = context.numbers(1);
  const rank = x.dims.length;
  if ([...perm].sort((a, b) => a - b).join() !== sameOrder(rank).join()) {
    throw context.broken(`Its order of axes is [${perm.join(', ')}].`);
  }
  const forms = context.forms.formsOf(x);
  const constant = context.constantOf(x);
  if (sameGrids(x, y) && constant !== null) {
    context.forms.fold(y, reorderConstant(constant, perm), x);
    return;
  }
  if (!sameGrids(x, y) || forms.length === 0) {
    const value = context.value(x, perm);
    context.keep(y, sameGrids(x, y) ? value : regridded(context, value, y));
    return;
  }
  for (const { value, order } of forms) {
    context.keep(
      y,
      value,
      order.map((axis) => inverse(perm)[axis] ?? 0),
    );
  }
};

export const concatenation: Translate = (context) => {
  const y = context.output();
  const rank = y.dims.length;
  const { inputs } = context;
  const { axis: given, activation } = context.options('Concatenation');
  const axis = context.axis(given, rank);
  const order = context.order(inputs, rank);
  const grid = context.grid(y);
  const value = context.apply(
    'Concat',
    inputs.map((tensor) => context.value(tensor, order)),
    { attributes: { axis: int(order.indexOf(axis)) }, grid },
  );
  context.keep(y, context.activated(value, grid, activation), order);
};

/** PACK: tensors become slices along a new axis. */
export const pack: Translate = (context) => {
  const y = context.output();
  const axis = context.axis(context.options('Pack').axis, y.dims.length);
  const slices = context.inputs.map((tensor) =>
    context.apply('Unsqueeze', [context.value(tensor), context.maker.int64([axis])], {
      grid: context.grid(tensor),
    }),
  );
  context.keep(
    y,
    context.apply('Concat', slices, { attributes: { axis: int(axis) }, grid: context.grid(y) }),
  );
};

/** UNPACK: slices along an axis become tensors. */
export const unpack: Translate = (context) => {
  const x = context.input(0);
  const axis = context.axis(context.options('Unpack').axis, x.dims.length);
  const { outputs } = context;
  const sizes = outputs.map(() => 1);
  const slices = splitInto(context, x, axis, sizes, sameOrder(x.dims.length));
  for (const [index, y] of outputs.entries()) {
    const grid = context.grid(y);
    const inputs = [slices[index] ?? null, context.maker.int64([axis])];
    context.keep(y, context.apply('Squeeze', inputs, { grid }));
  }
};

/** SPLIT: pieces of one size along an axis that is the first input. */
export const split: Translate = (context) => {
  const x = context.input(1);
  const axis = context.axis(context.numbers(0)[0] ?? 0, x.dims.length);
  keepPieces(context, x, axis);
};

/** SPLIT_V: the sizes are the second input, the axis is the third. */
export const splitBySizes: Translate = (context) => {
  const x = context.input(0);
  const axis = context.axis(context.numbers(2)[0] ?? 0, x.dims.length);
  keepPieces(context, x, axis);
};

function keepPieces(context: OperatorContext, x: FileTensor, axis: number): void {
  const { outputs } = context;
  const order = context.order([x], x.dims.length);
  const sizes = outputs.map(({ dims }) => dims[axis] ?? 0);
  const pieces = splitInto(context, x, axis, sizes, order);
  for (const [index, y] of outputs.entries()) {
    const piece = pieces[index];
    if (piece !== undefined) context.keep(y, piece, order);
  }
}

function splitInto(
  context: OperatorContext,
  x: FileTensor,
  axis: number,
  sizes: readonly number[],
  order: Order,
): readonly Value[] {
  const grid = context.grid(x);
  if (context.outputs.some((y) => !sameGrids(x, y)))
    throw context.unsupported('its pieces have scales of their own');
  return context.maker.applyAll(
    'Split',
    [context.value(x, order), context.maker.int64(sizes)],
    sizes.length,
    {
      attributes: { axis: int(order.indexOf(axis)) },
      grid,
      name: context.output().name,
    },
  );
}

/** PAD pads with the real 0; PADV2 says with what. */
export const pad: Translate = (context) => {
  padded(context, context.numbers(1), 'constant', context.optional(2));
};

/** Reflects at the outermost element; it does not repeat it. */
export const mirrorPad: Translate = (context) => {
  if (context.options('MirrorPad').mode !== 0)
    throw context.unsupported('symmetric padding is not implemented');
  padded(context, context.numbers(1), 'reflect', null);
};

function padded(
  context: OperatorContext,
  amounts: readonly number[],
  mode: string,
  fill: FileTensor | null,
): void {
  const [x, y] = [context.input(0), context.output()];
  const rank = x.dims.length;
  if (amounts.length !== 2 * rank || amounts.some((amount) => amount < 0)) {
    throw context.broken(`It pads ${rank} dimensions by [${amounts.join(', ')}].`);
  }
  const order = context.order([x], rank);
  const before = order.map((axis) => amounts[2 * axis] ?? 0);
  const after = order.map((axis) => amounts[2 * axis + 1] ?? 0);
  const inputs = [context.value(x, order), context.maker.int64([...before, ...after])];
  if (fill !== null) inputs.push(context.value(fill));
  const attributes = mode === 'constant' ? {} : { mode: string(mode) };
  context.keep(y, context.apply('Pad', inputs, { attributes, grid: context.grid(y) }), order);
}

/** SLICE: where it begins, and how much; -1 is all that is left. */
export const slice: Translate = (context) => {
  const { dims } = context.input(0);
  const [begin, size] = [context.numbers(1), context.numbers(2)];
  const cuts = dims.map((_, axis) => {
    const [start = 0, count = 0] = [begin[axis], size[axis]];
    return { start, end: count === -1 ? Infinity : start + count, step: 1, isTaken: false };
  });
  sliced(context, cuts);
};

/** Python's slices. Bits of the masks stand for axes. */
export const stridedSlice: Translate = (context) => {
  const { dims } = context.input(0);
  const options = context.options('StridedSlice');
  if (options.ellipsisMask !== 0 || options.newAxisMask !== 0 || options.offset) {
    throw context.unsupported('its ellipsis, new axes or offsets are not implemented');
  }
  const [begin, end, strides] = [context.numbers(1), context.numbers(2), context.numbers(3)];
  const cuts = dims.map((_, axis): Cut => {
    // Axes that are not named stay whole.
    if (axis >= begin.length) return { start: 0, end: Infinity, step: 1, isTaken: false };
    const has = (mask: number): boolean => ((mask >> axis) & 1) === 1;
    const step = strides[axis] ?? 1;
    if (step === 0) throw context.broken('It has a stride of 0.');
    if (has(options.shrinkAxisMask)) {
      const start = begin[axis] ?? 0;
      return { start, end: start === -1 ? Infinity : start + 1, step: 1, isTaken: true };
    }
    const [first, beyond] = step > 0 ? [0, Infinity] : [Infinity, -Infinity];
    return {
      start: has(options.beginMask) ? first : (begin[axis] ?? 0),
      end: has(options.endMask) ? beyond : (end[axis] ?? 0),
      step,
      isTaken: false,
    };
  });
  sliced(context, cuts);
};

/** Along one axis: negative numbers count from the end, infinite ones are beyond it. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** Whether the axis, of one element then, is taken away. */
  readonly isTaken: boolean;
}

/** Further than any axis is long. */
const far = 2 ** 31 - 1;

/** What stands for infinity: the size of the axis where that is known. */
function finite(place: number, size: Dim | undefined): number {
  if (Number.isFinite(place)) return place;
  const end = typeof size === 'number' ? size : far;
  return place > 0 ? end : -end - 1;
}

function sliced(context: OperatorContext, cuts: readonly Cut[]): void {
  const [x, y] = [context.input(0), context.output()];
  const order = context.order([x], x.dims.length);
  // Only axes of which something is left out: an open one has no size to compare with.
  const isWhole = ({ start, end, step, isTaken }: Cut, axis: number): boolean =>
    start === 0 && step === 1 && !isTaken && (end === Infinity || end === x.openDims[axis]);
  const axes = cuts.flatMap((cut, axis) => (isWhole(cut, axis) ? [] : [axis]));
  const list = (key: 'start' | 'end' | 'step'): Value =>
    context.maker.int64(axes.map((axis) => finite(cuts[axis]?.[key] ?? 0, x.openDims[axis])));
  const places = context.maker.int64(axes.map((axis) => order.indexOf(axis)));
  const inputs = [context.value(x, order), list('start'), list('end'), places, list('step')];
  const grid = context.grid(y);
  const part = context.apply('Slice', inputs, { grid });
  const taken = cuts.flatMap(({ isTaken }, axis) => (isTaken ? [axis] : []));
  if (taken.length === 0) {
    context.keep(y, part, order);
    return;
  }
  const gone = context.maker.int64(taken.map((axis) => order.indexOf(axis)));
  context.keep(y, context.apply('Squeeze', [part, gone], { grid }), withoutAxes(order, taken));
}

export const gather: Translate = (context) => {
  const [x, indices, y] = [context.input(0), context.input(1), context.output()];
  const { axis, batchDims } = context.options('Gather');
  if (batchDims !== 0) throw context.unsupported('gathering batch by batch is not implemented');
  const attributes = { axis: int(context.axis(axis, x.dims.length)) };
  context.keep(
    y,
    context.apply('Gather', [context.value(x), context.value(indices)], {
      attributes,
      grid: context.grid(y),
    }),
  );
};

export const tile: Translate = (context) => {
  const [x, y] = [context.input(0), context.output()];
  const order = context.order([x], x.dims.length);
  const repeats = context.numbers(1);
  const inputs = [context.value(x, order), context.maker.int64(order.map((axis) => repeats[axis] ?? 1))];
  context.keep(y, context.apply('Tile', inputs, { grid: context.grid(y) }), order);
};

/** SHAPE: of the file's order of axes, whatever order is at hand. */
export const shape: Translate = (context) => {
  const [x, y] = [context.input(0), context.output()];
  const order = context.order([x], x.dims.length);
  const sizes = context.apply('Shape', [context.value(x, order)]);
  const places = context.maker.int64(inverse(order));
  const inOrder = isSameOrder(order) ? sizes : context.apply('Gather', [sizes, places]);
  const to = { to: int(numberOfType(y.type)) };
  context.keep(y, y.type === 'int64' ? inOrder : context.apply('Cast', [inOrder], { attributes: to }));
};
