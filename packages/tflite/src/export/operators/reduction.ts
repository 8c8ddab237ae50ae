import { sameOrder, withoutAxes } from '../../axes.js';
import { tensorTypeNumber } from '../../schema/tensor-types.js';
import type { OperatorWriter, Write } from '../operator-writer.js';
import { imageAxes } from './image.js';

/** ReduceMean and its like; without axes over all. */
export function writeReduction(name: string): Write {
  return (writer) => {
    const rank = writer.dims(writer.value(0)).length;
    const given = writer.numbers(1) ?? [];
    const isNothing = given.length === 0 && writer.node.attributes.int('noop_with_empty_axes', 0) !== 0;
    const axes =
      given.length === 0 && !isNothing ? sameOrder(rank) : given.map((axis) => writer.axis(axis, rank));
    reduce(writer, name, axes, writer.node.attributes.int('keepdims', 1) !== 0);
  };
}

/** GlobalAveragePool and GlobalMaxPool. */
export function writeGlobalPool(name: string): Write {
  return (writer) => reduce(writer, name, imageAxes(writer), true);
}

function reduce(writer: OperatorWriter, name: string, axes: readonly number[], keepDims: boolean): void {
  const order = writer.order(writer.value(0));
  const places = axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
  const inputs = [writer.input(0, order), writer.tensors.indices(places, `${writer.result.value.name}_axes`)];
  const options = { name: 'Reducer', table: { keepDims } } as const;
  writer.put(name, inputs, keepDims ? order : withoutAxes(order, axes), options);
}

/** ArgMax and ArgMin: of equals the first. */
export function writeArgument(name: 'ArgMax' | 'ArgMin'): Write {
  return (writer) => {
    const { attributes } = writer.node;
    const rank = writer.dims(writer.value(0)).length;
    const axis = writer.axis(attributes.int('axis', 0), rank);
    const order = writer.order(writer.value(0));
    if (attributes.int('select_last_index', 0) !== 0) throw writer.unsupported('of equals it takes the last');
    if (attributes.int('keepdims', 1) !== 0) throw writer.unsupported('it keeps the axis that it reduces');
    const inputs = [
      writer.input(0, order),
      writer.tensors.indices([order.indexOf(axis)], `${writer.result.value.name}_axis`),
    ];
    const table = { outputType: tensorTypeNumber('int64') };
    writer.put(name === 'ArgMax' ? 'ARG_MAX' : 'ARG_MIN', inputs, withoutAxes(order, [axis]), {
      name,
      table,
    });
  };
}
