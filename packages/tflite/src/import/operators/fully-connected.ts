import { AffineEncoding, type Encoding, elementCount, int, type Value } from '@espalier/core';
import { isSameOrder, keepsMemory, type Order, sameOrder } from '../../axes.js';
import { reorderConstant, reshapeConstant } from '../../reorder-constant.js';
import type { FileTensor } from '../file-graph.js';
import type { OperatorContext, Translate } from '../operator-context.js';
import { multiplied } from './hybrid.js';
import { assertScaled, assertWideSums, biasOf } from './weights.js';

/** Rows of a matrix, whose columns may stand in another order than the file has them. */
interface Rows {
  readonly value: Value;
  /** The image that each row is, and the order of its axes; null where columns are as in the file. */
  readonly columns: { readonly dims: readonly number[]; readonly order: Order } | null;
}

/** Every input is taken as rows of as many elements as the weights have columns. */
export const fullyConnected: Translate = (context) => {
  const [x, weights, y] = [context.input(0), context.input(1), context.output()];
  const options = context.options('FullyConnected');
  if (options.weightsFormat !== 0) throw context.unsupported('its weights are shuffled');
  const [outputs, columns] = weights.dims;
  if (weights.dims.length !== 2 || outputs === undefined || columns === undefined || columns < 1) {
    throw context.broken(`Its weights ${weights.where} are no matrix.`);
  }
  assertScaled(context, x, weights);
  const constant = context.constantOf(weights);
  const rows = rowsOf(context, x, columns, constant !== null);
  const matrix = constant === null ? context.value(weights) : matrixOf(context, weights, constant, rows);
  assertWideSums(context, x, context.optional(2), options.quantizedBiasType);
  const bias = biasOf(context, x, weights, context.optional(2));
  const left = multiplied(context, x, weights, rows.value, [1]);
  const operands = bias === null ? [left, matrix] : [left, matrix, bias];
  const grid = context.grid(y);
  const product = context.apply('Gemm', operands, { attributes: { transB: int(1) }, grid });
  const activated = context.activated(product, grid, options.activation);
  context.keep(y, y.dims.length === 2 ? activated : context.maker.reshape(activated, shapeOf(context, y)));
};

/**
 * The input as rows. Where an image was flattened that is at hand channels first, it is flattened so, and the columns of
 * the weights follow: nothing is transposed while the model runs.
 */
function rowsOf(context: OperatorContext, x: FileTensor, columns: number, weightsFollow: boolean): Rows {
  const source = context.forms.sourceOf(x);
  const forms = context.forms.formsOf(source);
  const inMemory = forms.some(({ order }) => keepsMemory(source.openDims, order));
  const image = forms.find(({ order }) => order[0] === 0);
  const isWhole = elementCount(source.dims.slice(1)) === columns;
  if (!inMemory && image !== undefined && isWhole && weightsFollow) {
    const order = image.order.slice(1).map((axis) => axis - 1);
    return {
      value: context.maker.reshape(image.value, [-1, columns]),
      columns: { dims: source.dims.slice(1), order },
    };
  }
  const flat = context.forms.inMemoryOrder(x);
  const { dims } = flat.type ?? { dims: null };
  const isMatrix = dims?.length === 2 && dims[1] === columns;
  return { value: isMatrix ? flat : context.maker.reshape(flat, [-1, columns]), columns: null };
}

function matrixOf(
  context: OperatorContext,
  weights: FileTensor,
  constant: Encoding,
  { columns }: Rows,
): Value {
  if (columns === null || isSameOrder(columns.order)) return context.value(weights);
  const [outputs = 0] = weights.dims;
  // Of the constant: scales may be behind a DEQUANTIZE.
  const axis = constant instanceof AffineEncoding ? constant.quantization.axis : null;
  if (axis !== null && axis !== 0)
    throw context.unsupported(`its weights have scales along dimension ${axis}`);
  const images = reshapeConstant(constant, [outputs, ...columns.dims], axis);
  const order = [0, ...columns.order.map((place) => place + 1)];
  const turned = reshapeConstant(reorderConstant(images, order), weights.dims, axis);
  return context.maker.constant(turned, weights.name);
}

/** A shape to give to Reshape: -1 for a size that is known at run time only. */
export function shapeOf(context: OperatorContext, { openDims, where }: FileTensor): readonly number[] {
  const dims = openDims.map((dim) => (typeof dim === 'number' ? dim : -1));
  // ONNX takes 0 for the size that was there before.
  if (dims.includes(0)) throw context.unsupported(`its result ${where} has no elements`);
  if (dims.filter((dim) => dim === -1).length <= 1) return dims;
  throw context.unsupported(`several sizes of its result ${where} are known at run time only`);
}

/** BATCH_MATMUL: products of the last two axes, which may be exchanged. */
export const batchMatMul: Translate = (context) => {
  const y = context.output();
  const { adjX, adjY } = context.options('BatchMatMul');
  const [a, b] = [turned(context, context.input(0), adjX), turned(context, context.input(1), adjY)];
  context.keep(y, context.apply('MatMul', [a, b], { grid: context.grid(y) }));
};

function turned(context: OperatorContext, tensor: FileTensor, exchange: boolean): Value {
  const rank = tensor.dims.length;
  if (rank < 2) throw context.broken(`${tensor.where} is no matrix.`);
  const axes = sameOrder(rank);
  return context.value(tensor, exchange ? [...axes.slice(0, -2), rank - 1, rank - 2] : axes);
}
