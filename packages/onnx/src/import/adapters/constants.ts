import { cast as castEncoding, int, Tensor, tensorOf } from '@espalier/core';
import { elementTypeName, elementTypeNamed, elementTypeOf } from '../../proto/element-types.js';
import type { SourceOp } from '../source-op.js';
import type { AdapterTable } from './adapter.js';

/** A Constant node is a constant of the graph: exporters that keep weights there lose nothing by it. */
function constant(node: SourceOp): void {
  const value = tensorValue(node);
  if (value === null) throw node.unsupported('it has none of the values that the IR holds');
  node.finishConstant(value);
}

function tensorValue({ attributes }: SourceOp): Tensor | null {
  const tensor = attributes.tensor('value');
  if (tensor !== undefined) return tensor;
  const [one, many] = [attributes.float('value_float'), attributes.floats('value_floats')];
  if (one !== undefined) return tensorOf('float32', [one], []);
  if (many !== undefined) return tensorOf('float32', many);
  const [whole, wholes] = [attributes.int('value_int'), attributes.ints('value_ints')];
  if (whole !== undefined) return new Tensor('int64', BigInt64Array.of(BigInt(whole)), []);
  return wholes === undefined ? null : new Tensor('int64', BigInt64Array.from(wholes, BigInt));
}

/** Before opset 6 `to` was a name. */
function castByName(node: SourceOp): void {
  const name = node.attributes.string('to', '');
  const to = elementTypeNamed(name);
  if (to === undefined) throw node.malformed(`There is no element type "${name}".`);
  node.finish('Cast', node.inputs, { to: int(to) });
}

/** `saturate` and `round_mode` speak of 8-bit floats alone, which the IR has not. */
function cast(node: SourceOp): void {
  const to = node.attributes.int('to');
  if (to === undefined) throw node.malformed('The attribute "to" is missing.');
  if (elementTypeOf(to) === undefined) throw node.unsupported(`it makes ${elementTypeName(to)}`);
  const half = node.input(0)?.constant;
  // Weights that are stored as float16: the file stays as small as it was.
  if (half?.type === 'float16' && elementTypeOf(to) === 'float32') node.finishConstant(castEncoding(half));
  else node.finish('Cast', node.inputs, { to: int(to) });
}

/** Exporters give a shared weight its second name by an Identity: it stays one weight here. */
function identity(node: SourceOp): void {
  const value = node.need(0);
  if (value.constant !== null) node.finishAlias(value);
  else node.finish();
}

function castLike(node: SourceOp): void {
  node.finish('CastLike', node.inputs, {});
}

export const constantAdapters: AdapterTable = {
  Constant: [{ before: Infinity, adapt: constant }],
  Cast: [
    { before: 6, adapt: castByName },
    { before: Infinity, adapt: cast },
  ],
  CastLike: [{ before: Infinity, adapt: castLike }],
  Identity: [{ before: Infinity, adapt: identity }],
};
