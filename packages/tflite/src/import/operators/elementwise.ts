import { type Attribute, float, int, string, type Value } from '@espalier/core';
import { type Order, sameOrder } from '../../axes.js';
import { reorderConstant, reshapeConstant } from '../../reorder-constant.js';
import type { FileTensor } from '../file-graph.js';
import type { OperatorContext, Translate } from '../operator-context.js';

type Attributes = Readonly<Record<string, Attribute>>;

/** An operator of one tensor, element by element. */
export function unary(
  op: string,
  attributesOf: (context: OperatorContext) => Attributes = () => ({}),
): Translate {
  return (context) => {
    mapped(context, (value) =>
      context.apply(op, [value], { attributes: attributesOf(context), grid: context.grid(context.output()) }),
    );
  };
}

/** A clamp: RELU6 and its like. */
export function clip(low: number, high: number): Translate {
  return (context) => {
    mapped(context, (value) => context.clipped(value, context.grid(context.output()), [low, high]));
  };
}

export const leakyRelu: Translate = unary('LeakyRelu', (context) => ({
  alpha: float(context.options('LeakyRelu').alpha),
}));

export const gelu: Translate = unary('Gelu', (context) => ({
  approximate: string(context.options('Gelu').approximate ? 'tanh' : 'none'),
}));

export const square: Translate = (context) => {
  mapped(context, (value) => context.apply('Mul', [value, value], { grid: context.grid(context.output()) }));
};

export const reciprocalRoot: Translate = (context) => {
  const grid = context.grid(context.output());
  mapped(context, (value) => context.apply('Reciprocal', [context.apply('Sqrt', [value])], { grid }));
};

/** Softmax over the last axis of the file. beta moves the scale of codes; they stay. */
export const softmax: Translate = (context) => {
  const [x, y] = [context.input(0), context.output()];
  const { beta } = context.options('Softmax');
  if (!(beta > 0) || beta > 1e6) throw context.broken(`Its beta is ${beta}.`);
  mapped(context, (value, order) => {
    const grid = x.quantization;
    const scaled = grid === null ? null : { ...grid, scale: grid.scale.map((scale) => scale * beta) };
    const hotter =
      beta === 1 ? value : context.apply('Mul', [value, context.maker.scalar(beta)], { grid: scaled });
    return context.apply('Softmax', [hotter], { attributes: lastAxis(order), grid: context.grid(y) });
  });
};

export const logSoftmax: Translate = overLastAxis('LogSoftmax', {});
export const l2Normalization: Translate = overLastAxis('LpNormalization', { p: int(2) });

function overLastAxis(op: string, attributes: Attributes): Translate {
  return (context) => {
    mapped(context, (value, order) =>
      context.apply(op, [value], {
        attributes: { ...attributes, ...lastAxis(order) },
        grid: context.grid(context.output()),
      }),
    );
  };
}

function lastAxis(order: Order): Attributes {
  return { axis: int(order.indexOf(order.length - 1)) };
}

/** Keeps what is computed of the first input, in the order in which that is at hand. */
export function mapped(context: OperatorContext, compute: (value: Value, order: Order) => Value): void {
  const [x, y] = [context.input(0), context.output()];
  const order = context.order([x], x.dims.length);
  context.keep(y, compute(context.value(x, order), order), order);
}

/** An operator of two tensors, or three, broadcast to one shape. */
export function broadcasting(op: string, activationOf?: (context: OperatorContext) => number): Translate {
  return (context) => {
    const y = context.output();
    const grid = context.grid(y);
    const { values, order } = broadcast(context);
    const value = context.apply(op, values, { grid });
    context.keep(y, context.activated(value, grid, activationOf?.(context) ?? 0), order);
  };
}

export const squaredDifference: Translate = (context) => {
  const { values, order } = broadcast(context);
  const difference = context.apply('Sub', values);
  const y = context.output();
  context.keep(y, context.apply('Mul', [difference, difference], { grid: context.grid(y) }), order);
};

/** NOT_EQUAL. */
export const notEqual: Translate = (context) => {
  const { values, order } = broadcast(context);
  context.keep(context.output(), context.apply('Not', [context.apply('Equal', values)]), order);
};

/** The inputs in one order of axes, such that ONNX broadcasts them to the result as the file means it. */
function broadcast(context: OperatorContext): { readonly values: readonly Value[]; readonly order: Order } {
  const { inputs } = context;
  const rank = Math.max(0, ...inputs.map(({ dims }) => dims.length));
  // What has fewer axes is lined up from the last one: in another order only constants can follow.
  const isFixed = inputs.some(
    (tensor) => tensor.dims.length < rank && tensor.dims.length > 0 && context.constantOf(tensor) === null,
  );
  const order = isFixed ? sameOrder(rank) : context.order(inputs, rank);
  return { values: inputs.map((tensor) => lined(context, tensor, order)), order };
}

function lined(context: OperatorContext, tensor: FileTensor, order: Order): Value {
  const rank = tensor.dims.length;
  if (rank === order.length) return context.value(tensor, order);
  const constant = context.constantOf(tensor);
  if (constant === null || rank === 0) return context.value(tensor);
  const missing = order.length - rank;
  const dims = [...new Array<number>(missing).fill(1), ...tensor.dims];
  const axis = tensor.quantization?.axis ?? null;
  const full = reshapeConstant(constant, dims, axis === null ? null : axis + missing);
  return context.maker.constant(reorderConstant(full, order), tensor.name);
}
