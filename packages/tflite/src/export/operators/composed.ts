import type { Dim } from '@espalier/core';
import { sameOrder } from '../../axes.js';
import type { OptionsMember } from '../../schema/options.js';
import type { Write } from '../operator-writer.js';

// What a file has no operator for, and what fusion makes of several: written as the several.

const arithmetic = (name: 'Add' | 'Sub' | 'Mul'): OptionsMember => ({ name, table: { activation: 0 } });

/** x times the sigmoid of alpha times x. @see ONNX Swish, opset 24 */
export const writeSwish: Write = (writer) => {
  const x = writer.value(0);
  const order = writer.order(x);
  const dims = order.map((axis) => writer.dims(x)[axis] ?? 1);
  const from = writer.input(0, order);
  const alpha = writer.node.attributes.float('alpha', 1);
  let inner = from;
  if (alpha !== 1) {
    inner = writer.inner('scaled', dims, writer.result.value);
    writer.emit('MUL', [from, writer.scalar(alpha, 'alpha')], [inner], arithmetic('Mul'));
  }
  const gate = writer.inner('gate', dims, writer.result.value);
  writer.emit('LOGISTIC', [inner], [gate]);
  writer.put('MUL', [from, gate], order, arithmetic('Mul'));
};

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + bias, over the axes from `axis` on.
 *
 * @see ONNX LayerNormalization, opset 17
 */
export const writeLayerNormalization: Write = (writer) => {
  const { node } = writer;
  if (node.outputs.slice(1).some((output) => output !== null))
    throw writer.unsupported('it gives mean or deviation too');
  const x = writer.value(0);
  const dims = writer.dims(x);
  const rank = dims.length;
  const first = writer.axis(node.attributes.int('axis', -1), rank);
  const axes = sameOrder(rank).slice(first);
  const name = writer.result.value.name;
  const reduced: readonly Dim[] = dims.map((dim, axis) => (axis < first ? dim : 1));
  const inner = (suffix: string, shape = dims): number => writer.inner(suffix, shape, writer.result.value);
  const from = writer.input(0, sameOrder(rank));
  const places = writer.tensors.indices(axes, `${name}_axes`);
  const mean = (tensor: number, to: number): number => {
    writer.emit('MEAN', [tensor, places], [to], { name: 'Reducer', table: { keepDims: true } });
    return to;
  };
  const centre = mean(from, inner('mean', reduced));
  const [centred, squares, above, factor, normal] = [
    inner('centred'),
    inner('squares'),
    inner('above', reduced),
    inner('factor', reduced),
    inner('normal'),
  ];
  writer.emit('SUB', [from, centre], [centred], arithmetic('Sub'));
  writer.emit('MUL', [centred, centred], [squares], arithmetic('Mul'));
  const variance = mean(squares, inner('variance', reduced));
  const epsilon = writer.scalar(node.attributes.float('epsilon', Math.fround(1e-5)), 'epsilon');
  writer.emit('ADD', [variance, epsilon], [above], arithmetic('Add'));
  writer.emit('RSQRT', [above], [factor]);
  writer.emit('MUL', [centred, factor], [normal], arithmetic('Mul'));
  const bias = writer.optional(2);
  if (bias === null) {
    writer.put('MUL', [normal, writer.input(1)], sameOrder(rank), arithmetic('Mul'));
    return;
  }
  const scaled = inner('scaled');
  writer.emit('MUL', [normal, writer.input(1)], [scaled], arithmetic('Mul'));
  writer.put('ADD', [scaled, writer.tensor(bias)], sameOrder(rank), arithmetic('Add'));
};

/** One over x. */
export const writeReciprocal: Write = (writer) => {
  const order = writer.order(writer.value(0));
  const table = { activation: 0 };
  writer.put('DIV', [writer.scalar(1, 'one'), writer.input(0, order)], order, { name: 'Div', table });
};
