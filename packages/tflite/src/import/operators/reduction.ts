import { int, numberOfType } from '@espalier/core';
import { withoutAxes } from '../../axes.js';
import type { Translate } from '../operator-context.js';

/** MEAN, SUM, REDUCE_MAX and their like, over constant axes. */
export function reduction(op: string): Translate {
  return (context) => {
    const [x, y] = [context.input(0), context.output()];
    const rank = x.dims.length;
    const axes = context.axes(1, rank);
    const { keepDims } = context.options('Reducer');
    const order = context.order([x], rank);
    const places = axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
    const value = context.apply(op, [context.value(x, order), context.maker.int64(places)], {
      // Without axes TensorFlow Lite reduces nothing, ONNX everything.
      attributes: {
        keepdims: int(keepDims ? 1 : 0),
        ...(axes.length === 0 ? { noop_with_empty_axes: int(1) } : {}),
      },
      grid: context.grid(y),
    });
    context.keep(y, value, keepDims ? order : withoutAxes(order, axes));
  };
}

/** ARG_MAX and ARG_MIN: of equals the first. */
export function argument(op: 'ArgMax' | 'ArgMin'): Translate {
  return (context) => {
    const [x, y] = [context.input(0), context.output()];
    const rank = x.dims.length;
    const axis = context.axis(context.numbers(1)[0] ?? 0, rank);
    const order = context.order([x], rank);
    const found = context.apply(op, [context.value(x, order)], {
      attributes: { axis: int(order.indexOf(axis)), keepdims: int(0) },
    });
    const to = { to: int(numberOfType(y.type)) };
    const value = y.type === 'int64' ? found : context.apply('Cast', [found], { attributes: to });
    context.keep(y, value, withoutAxes(order, [axis]));
  };
}
