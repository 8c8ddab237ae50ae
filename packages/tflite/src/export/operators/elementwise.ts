import { AffineEncoding, type Dim, toFloat32, type Value } from '@espalier/core';
import { type Order, sameOrder } from '../../axes.js';
import { reorderConstant, reshapeConstant } from '../../reorder-constant.js';
import type { OptionsMember } from '../../schema/options.js';
import { activationOf, boundOf } from '../fused-activation.js';
import type { OperatorWriter, Write } from '../operator-writer.js';

/** An operator of one tensor, in the order in which that is at hand. */
export function unary(
  name: string,
  optionsOf: (writer: OperatorWriter) => OptionsMember | null = () => null,
): Write {
  return (writer) => {
    const order = writer.order(writer.value(0));
    writer.put(name, [writer.input(0, order)], order, optionsOf(writer));
  };
}

export const writeLeakyRelu: Write = unary('LEAKY_RELU', ({ node }) => ({
  name: 'LeakyRelu',
  table: { alpha: node.attributes.float('alpha', 0.01) },
}));

export const writeElu: Write = (writer) => {
  if (writer.node.attributes.float('alpha', 1) !== 1) throw writer.unsupported('its alpha is not 1');
  unary('ELU')(writer);
};

export const writeGelu: Write = unary('GELU', ({ node }) => ({
  name: 'Gelu',
  table: { approximate: node.attributes.string('approximate', 'none') === 'tanh' },
}));

/** A clamp to other bounds than the schema has is a maximum of a minimum. */
export const writeClip: Write = (writer) => {
  const activation = activationOf(writer.node);
  if (activation !== null) {
    unary(['', 'RELU', 'RELU_N1_TO_1', 'RELU6'][activation] ?? 'RELU')(writer);
    return;
  }
  const x = writer.value(0);
  const order = writer.order(x);
  const [low, high] = [boundOf(writer.optional(1)), boundOf(writer.optional(2))];
  if (Number.isNaN(low) || Number.isNaN(high))
    throw writer.unsupported('its bounds are computed, not constant');
  if (low === undefined && high === undefined) throw writer.unsupported('it has no bounds');
  const dims = order.map((axis) => writer.dims(x)[axis] ?? 1);
  let from = writer.input(0, order);
  if (low !== undefined && high !== undefined) {
    const above = writer.inner('above', dims, writer.result.value);
    writer.emit('MAXIMUM', [from, writer.scalar(low, 'low')], [above]);
    from = above;
  }
  if (high !== undefined) writer.put('MINIMUM', [from, writer.scalar(high, 'high')], order);
  else writer.put('MAXIMUM', [from, writer.scalar(low ?? 0, 'low')], order);
};

/** alpha * x + beta, clamped to 0 and 1. */
export const writeHardSigmoid: Write = (writer) => {
  const x = writer.value(0);
  const order = writer.order(x);
  const { attributes } = writer.node;
  const dims = order.map((axis) => writer.dims(x)[axis] ?? 1);
  const steps = ['scaled', 'moved', 'above'].map((name) => writer.inner(name, dims, writer.result.value));
  const [scaled = 0, moved = 0, above = 0] = steps;
  const number = (name: string, fallback: number): number =>
    writer.scalar(attributes.float(name, Math.fround(fallback)), name);
  const none = { activation: 0 };
  writer.emit('MUL', [writer.input(0, order), number('alpha', 0.2)], [scaled], { name: 'Mul', table: none });
  writer.emit('ADD', [scaled, number('beta', 0.5)], [moved], { name: 'Add', table: none });
  writer.emit('MAXIMUM', [moved, writer.scalar(0, 'zero')], [above]);
  writer.put('MINIMUM', [above, writer.scalar(1, 'one')], order);
};

/** Whether the result is on the grid that the kernel of an activation has: the given one, or of 16 bits that of 2^-15. */
export function onGrid(scale: number, zeroPoint: number): (writer: OperatorWriter) => boolean {
  return (writer) => {
    const grid = writer.grid(writer.result.value);
    if (grid?.storageType === 'int16') return grid.scale[0] === 2 ** -15;
    return grid?.scale[0] === scale && grid.zeroPoint[0] === zeroPoint;
  };
}

/** Softmax over the last axis of the file's order. */
export function overLastAxis(name: string, options: OptionsMember | null): Write {
  return (writer) => {
    const rank = writer.dims(writer.value(0)).length;
    const axis = writer.axis(writer.node.attributes.int('axis', -1), rank);
    const order = orderEndingWith(writer, axis, rank);
    writer.put(name, [writer.input(0, order)], order, options);
  };
}

/** An order that ends with the given axis: the one at hand where it does. */
function orderEndingWith(writer: OperatorWriter, axis: number, rank: number): Order {
  const found = writer.tensors.ordersOf(writer.value(0)).find((order) => order.at(-1) === axis);
  return found ?? [...sameOrder(rank).filter((other) => other !== axis), axis];
}

/** An operator of two tensors, broadcast to one shape. More than two are taken pair by pair. */
export function broadcasting(
  name: string,
  optionsOf: (writer: OperatorWriter) => OptionsMember | null = () => null,
): Write {
  return (writer) => {
    const { inputs } = writer.node;
    const rank = writer.dims(writer.result.value).length;
    const order = commonOrder(writer, rank);
    const tensors = inputs.map((_, index) => lined(writer, writer.value(index), order));
    const [first, ...others] = tensors;
    const last = others.pop();
    if (first === undefined || last === undefined) throw writer.unsupported('it has fewer than two operands');
    if (others.length > 0 && writer.as === 'codes')
      throw writer.unsupported('more than two operands of codes have no form');
    let sum = first;
    const dims = order.map((axis) => writer.dims(writer.result.value)[axis] ?? 1);
    for (const other of others) {
      const next = writer.inner('part', dims, writer.result.value);
      writer.emit(name, [sum, other], [next], optionsOf(writer));
      sum = next;
    }
    writer.put(name, [sum, last], order, optionsOf(writer));
  };
}

/** Of two tensors the elements that a third one says. */
export const writeWhere: Write = (writer) => {
  const order = commonOrder(writer, writer.dims(writer.result.value).length);
  const tensors = [0, 1, 2].map((index) => lined(writer, writer.value(index), order));
  writer.put('SELECT_V2', tensors, order);
};

export const fusedOptions =
  (name: 'Add' | 'Sub' | 'Mul' | 'Div') =>
  (writer: OperatorWriter): OptionsMember => ({ name, table: { activation: writer.result.activation } });

/** The order in which most operands of full rank are at hand; that of the IR where one of lower rank is computed. */
function commonOrder(writer: OperatorWriter, rank: number): Order {
  const computed = writer.node.inputs.filter(
    (value): value is Value => value !== null && value.constant === null,
  );
  if (computed.some((value) => writer.dims(value).length < rank && writer.dims(value).length > 0)) {
    return sameOrder(rank);
  }
  const orders = computed.flatMap((value) => writer.tensors.ordersOf(value));
  const missing = (order: Order): number =>
    computed.filter((value) => !writer.tensors.ordersOf(value).some((other) => other.join() === order.join()))
      .length;
  return orders.reduce(
    (best, order) => (missing(order) < missing(best) ? order : best),
    orders[0] ?? sameOrder(rank),
  );
}

function lined(writer: OperatorWriter, value: Value, order: Order): number {
  const rank = writer.dims(value).length;
  const { constant } = value;
  if (constant === null || rank === order.length)
    return writer.tensor(value, rank === order.length ? order : undefined);
  const missing = order.length - rank;
  const dims: readonly Dim[] = [...new Array<number>(missing).fill(1), ...writer.dims(value)];
  const axis = constant instanceof AffineEncoding ? constant.quantization.axis : null;
  const full = reorderConstant(
    reshapeConstant(constant, dims.map(Number), axis === null ? null : axis + missing),
    order,
  );
  return writer.as === 'codes'
    ? writer.tensors.encoded(full, value.name)
    : writer.tensors.decoded(full, value.name);
}

/** x * scale + offset for each channel: what a norm is that nobody has folded. */
export const writeBatchNormalization: Write = (writer) => {
  const x = writer.value(0);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => {
    const constant = writer.value(index).constant;
    if (constant === null) throw writer.unsupported('its statistics are computed, not constant');
    return toFloat32(constant.decode());
  });
  const epsilon = writer.node.attributes.float('epsilon', 1e-5);
  const factor = Float32Array.from(
    scale ?? [],
    (value, c) => value / Math.sqrt((variance?.[c] ?? 0) + epsilon),
  );
  const offset = factor.map((value, c) => (bias?.[c] ?? 0) - (mean?.[c] ?? 0) * value);
  const order = writer.order(x);
  const dims = order.map((axis) => writer.dims(x)[axis] ?? 1);
  const shape = order.map((axis) => (axis === 1 ? factor.length : 1));
  const scaled = writer.inner('scaled', dims, writer.result.value);
  const constant = (data: Float32Array, name: string): number =>
    writer.tensors.floats(data, shape, `${writer.result.value.name}_${name}`);
  const none = { activation: 0 };
  writer.emit('MUL', [writer.input(0, order), constant(factor, 'factor')], [scaled], {
    name: 'Mul',
    table: none,
  });
  writer.put('ADD', [scaled, constant(offset, 'offset')], order, {
    name: 'Add',
    table: { activation: writer.result.activation },
  });
};
