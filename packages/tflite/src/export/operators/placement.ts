import { integerRange, type Quantization, roundHalfEven, tensorOf, type Value } from '@espalier/core';
import { inverse, type Order, reordered, sameOrder } from '../../axes.js';
import { sameCodes } from '../code-grid.js';
import type { OperatorWriter, Write } from '../operator-writer.js';
import { giveSizes } from '../value-tensors.js';
import { versionOf } from '../versions.js';

/** Reshape, Flatten, Squeeze and Unsqueeze: the inferred shape says all. */
export const writeReshape: Write = (writer) => {
  const x = writer.value(0);
  const y = writer.result.value;
  const [from, to] = [writer.grid(x), writer.grid(y)];
  const isSame = from === null ? to === null : to !== null && sameCodes(from, to);
  if (x.constant === null && isSame) {
    writer.tensors.defer(y, x);
    return;
  }
  const as = from === null ? 'reals' : 'codes';
  const reshaped = writer.tensors.reshape(writer.tensors.inMemoryOrder(x, as), x, as, writer.dims(y));
  moved(writer, reshaped, from, sameOrder(writer.dims(y).length));
};

/** A transposed value is the same tensor in another order, where the grid stays. */
export const writeTranspose: Write = (writer) => {
  const x = writer.value(0);
  const y = writer.result.value;
  const rank = writer.dims(x).length;
  const perm = writer.node.attributes.ints('perm') ?? [...sameOrder(rank)].reverse();
  const [from, to] = [writer.grid(x), writer.grid(y)];
  const isSame = from === null ? to === null : to !== null && sameCodes(from, to);
  if (x.constant === null && isSame) {
    const as = to === null ? 'reals' : 'codes';
    if (writer.tensors.ordersOf(x).length === 0) writer.tensors.tensor(x, as);
    for (const { tensor, order, as: held } of writer.tensors.formsOf(x)) {
      writer.tensors.keep(
        y,
        tensor,
        order.map((axis) => inverse(perm)[axis] ?? 0),
        held,
      );
    }
    return;
  }
  moved(writer, writer.tensors.tensor(x, from === null ? 'reals' : 'codes'), from, inverse(perm));
};

/** Keeps the tensor of the input as the result, rounded where that is on another grid. */
function moved(writer: OperatorWriter, tensor: number, from: Quantization | null, order: Order): void {
  const y = writer.result.value;
  if (writer.grid(y) !== null) writer.quantize(y, tensor, order);
  else if (from === null) writer.tensors.keep(y, tensor, order, 'reals');
  else {
    const dims = reordered(writer.dims(y), order);
    const reals = writer.file.tensor({ name: y.name, type: 'float32', dims });
    writer.file.operator('DEQUANTIZE', versionOf('DEQUANTIZE', 'codes'), [tensor], [reals]);
    writer.tensors.keep(y, reals, order, 'reals');
  }
}

export const writeConcat: Write = (writer) => {
  const rank = writer.dims(writer.result.value).length;
  const axis = writer.axis(writer.node.attributes.int('axis', 0), rank);
  const values = writer.node.inputs.filter((value): value is Value => value !== null);
  const order = commonOrder(writer, values, rank);
  const tensors = values.map((value) => writer.onResultGrid(value, order));
  writer.put('CONCATENATION', tensors, order, {
    name: 'Concatenation',
    table: { axis: order.indexOf(axis), activation: 0 },
  });
};

function commonOrder(writer: OperatorWriter, values: readonly Value[], rank: number): Order {
  const orders = values.flatMap((value) => writer.tensors.ordersOf(value));
  const missing = (order: Order): number =>
    values.filter((value) => !writer.tensors.ordersOf(value).some((other) => other.join() === order.join()))
      .length;
  return orders.reduce(
    (best, order) => (missing(order) < missing(best) ? order : best),
    orders[0] ?? sameOrder(rank),
  );
}

export const writeSplit: Write = (writer) => {
  const x = writer.value(0);
  const rank = writer.dims(x).length;
  const axis = writer.axis(writer.node.attributes.int('axis', 0), rank);
  const order = writer.order(x);
  const outputs = writer.node.outputs.map((value) => {
    if (value === null) throw writer.unsupported('one of its pieces is left out');
    return value;
  });
  const sizes = outputs.map((value) => Number(writer.dims(value)[axis]));
  if (sizes.some(Number.isNaN)) throw writer.unsupported('the sizes of its pieces are not known', giveSizes);
  const name = writer.result.value.name;
  const inputs = [
    writer.input(0, order),
    writer.tensors.indices(sizes, `${name}_sizes`),
    writer.tensors.indices([order.indexOf(axis)], `${name}_axis`),
  ];
  writer.putAll('SPLIT_V', inputs, outputs, order, { name: 'SplitV', table: { numSplits: sizes.length } });
};

export const writePad: Write = (writer) => {
  const x = writer.value(0);
  const rank = writer.dims(x).length;
  const { attributes } = writer.node;
  const mode = attributes.string('mode', 'constant');
  const given = writer.numbers(1) ?? [];
  const axes = (writer.numbers(3) ?? sameOrder(rank)).map((axis) => writer.axis(axis, rank));
  const amounts = new Array<number>(2 * rank).fill(0);
  for (const [i, axis] of axes.entries()) {
    amounts[2 * axis] = given[i] ?? 0;
    amounts[2 * axis + 1] = given[i + axes.length] ?? 0;
  }
  if (amounts.some((amount) => amount < 0)) throw writer.unsupported('it cuts off');
  const order = writer.order(x);
  const ordered = order.flatMap((axis) => [amounts[2 * axis] ?? 0, amounts[2 * axis + 1] ?? 0]);
  const paddings = writer.tensors.pairs(ordered, `${writer.result.value.name}_padding`);
  const image = writer.onResultGrid(x, order);
  const fill = writer.numbers(2)?.[0] ?? 0;
  if (mode === 'reflect') {
    writer.put('MIRROR_PAD', [image, paddings], order, { name: 'MirrorPad', table: { mode: 0 } });
  } else if (mode !== 'constant') {
    throw writer.unsupported(`its mode "${mode}" has no form`);
  } else if (fill === 0) {
    writer.put('PAD', [image, paddings], order);
  } else if (writer.as === 'codes') {
    writer.put('PADV2', [image, paddings, codeOf(writer, fill)], order);
  } else {
    writer.put('PADV2', [image, paddings, writer.scalar(fill, 'fill')], order);
  }
};

/** A number as a code on the grid of the result. @throws {UnsupportedError} where it is none */
function codeOf(writer: OperatorWriter, real: number): number {
  const y = writer.result.value;
  const grid = writer.grid(y);
  const code = real / (grid?.scale[0] ?? 1) + (grid?.zeroPoint[0] ?? 0);
  const nearest = roundHalfEven(code);
  const type = grid?.storageType === 'int16' ? 'int16' : 'int8';
  const { min, max } = integerRange(type);
  if (Math.abs(code - nearest) > 1e-3 || nearest < min || nearest > max) {
    throw writer.unsupported('it pads codes with a number that is none');
  }
  const data = tensorOf(type, [nearest], []);
  return writer.file.tensor({ name: `${y.name}_fill`, type, dims: [], quantization: grid, data });
}

/** A slice of known sizes: where it begins and ends along every axis. */
export const writeSlice: Write = (writer) => {
  const x = writer.value(0);
  const dims = writer.dims(x);
  const rank = dims.length;
  const [starts, ends] = [writer.numbers(1) ?? [], writer.numbers(2) ?? []];
  const axes = (writer.numbers(3) ?? starts.map((_, i) => i)).map((axis) => writer.axis(axis, rank));
  const steps = writer.numbers(4) ?? [];
  const all = dims.map((dim) => ({
    start: 0,
    end: typeof dim === 'number' ? dim : 0,
    step: 1,
    isWhole: true,
  }));
  for (const [i, axis] of axes.entries()) {
    const dim = dims[axis];
    if (typeof dim !== 'number')
      throw writer.unsupported('it cuts along an axis whose size is not known', giveSizes);
    const step = steps[i] ?? 1;
    if (step < 1) throw writer.unsupported('it goes backwards');
    const clampTo = (value: number): number => Math.min(Math.max(value < 0 ? value + dim : value, 0), dim);
    all[axis] = { start: clampTo(starts[i] ?? 0), end: clampTo(ends[i] ?? 0), step, isWhole: false };
  }
  const order = writer.order(x);
  const name = writer.result.value.name;
  const list = (key: 'start' | 'end' | 'step'): number =>
    writer.tensors.indices(
      order.map((axis) => all[axis]?.[key] ?? 0),
      `${name}_${key}`,
    );
  const mask = order.reduce((bits, axis, place) => bits | (all[axis]?.isWhole === true ? 1 << place : 0), 0);
  const inputs = [writer.onResultGrid(x, order), list('start'), list('end'), list('step')];
  const none = { ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0, offset: false };
  writer.put('STRIDED_SLICE', inputs, order, {
    name: 'StridedSlice',
    table: { beginMask: mask, endMask: mask, ...none },
  });
};

export const writeGather: Write = (writer) => {
  const rank = writer.dims(writer.value(0)).length;
  const axis = writer.axis(writer.node.attributes.int('axis', 0), rank);
  const indices = writer.numbers(1);
  if (indices === null || indices.some((index) => index < 0))
    throw writer.unsupported('its indices count from the end');
  const dims = writer.dims(writer.value(1)).map(Number);
  const list = writer.tensors.indices(indices, `${writer.result.value.name}_indices`, dims);
  writer.put(
    'GATHER',
    [writer.onResultGrid(writer.value(0)), list],
    sameOrder(writer.dims(writer.result.value).length),
    {
      name: 'Gather',
      table: { axis, batchDims: 0 },
    },
  );
};
