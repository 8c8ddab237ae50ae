import { type Encoding, elementCount, staticDims, type Value } from '@espalier/core';
import { channelsLast, keepsMemory, sameOrder } from '../../axes.js';
import { reorderConstant, reshapeConstant } from '../../reorder-constant.js';
import type { OperatorWriter, Write } from '../operator-writer.js';
import { dimsOf } from '../value-tensors.js';
import { biasTensor } from './bias.js';

/** [outputs, columns] from what Gemm and MatMul have. */
function rowsOf(weights: Encoding, isTransposed: boolean): Encoding {
  return isTransposed ? weights : reorderConstant(weights, [1, 0]);
}

export const writeGemm: Write = (writer) => {
  const { attributes } = writer.node;
  const [alpha, beta] = [attributes.float('alpha', 1), attributes.float('beta', 1)];
  if (alpha !== 1 || beta !== 1 || attributes.int('transA', 0) !== 0) {
    throw writer.unsupported('alpha, beta and a transposed first operand have no form');
  }
  writeFullyConnected(writer, attributes.int('transB', 0) === 1, false);
};

/** By a constant matrix it is a fully connected layer. */
export const writeMatMul: Write = (writer) => {
  const [a, b] = [writer.value(0), writer.value(1)];
  if (b.constant?.dims.length === 2) {
    writeFullyConnected(writer, false, writer.dims(a).length !== 2);
    return;
  }
  writer.put(
    'BATCH_MATMUL',
    [writer.tensor(a), writer.tensor(b)],
    sameOrder(writer.dims(writer.result.value).length),
    {
      name: 'BatchMatMul',
      table: { adjX: false, adjY: false },
    },
  );
};

function writeFullyConnected(writer: OperatorWriter, isTransposed: boolean, keepNumDims: boolean): void {
  const [x, weights] = [writer.value(0), writer.value(1)];
  const { constant } = weights;
  if (constant === null) throw writer.unsupported('its weights are computed, not constant');
  const matrix = rowsOf(constant, isTransposed);
  const [outputs = 0] = matrix.dims;
  const image = flattenedImage(writer, x);
  const tensor = image === null ? matrix : followImage(matrix, image);
  const inputs = [
    image === null ? writer.tensor(x) : writer.tensors.inMemoryOrderOf(image, writer.as, channelsLast, x),
    weightTensor(writer, tensor, weights.name),
    // This one may be without a bias.
    writer.optional(2) === null ? null : biasTensor(writer, outputs),
  ];
  writer.put('FULLY_CONNECTED', inputs, sameOrder(writer.dims(writer.result.value).length), {
    name: 'FullyConnected',
    table: {
      ...{ activation: writer.result.activation, weightsFormat: 0, keepNumDims },
      asymmetricQuantizeInputs: writer.isHybrid,
      quantizedBiasType: 0,
    },
  });
}

function weightTensor(writer: OperatorWriter, matrix: Encoding, name: string): number {
  return writer.as === 'codes' || writer.isHybrid
    ? writer.tensors.encoded(matrix, name)
    : writer.tensors.decoded(matrix, name);
}

/**
 * The image that rows were flattened from, where that is at hand channels last only: it is flattened so, and the columns
 * of the weights follow.
 */
function flattenedImage(writer: OperatorWriter, x: Value): Value | null {
  const source = writer.tensors.sourceOf(x);
  if (source === x) return null;
  const dims = dimsOf(source);
  const orders = writer.tensors.ordersOf(source);
  // Rows of a longer shape are pieces of an image, whose columns are no channels.
  if (dims.length !== 4 || dimsOf(x).length !== 2) return null;
  if (orders.some((order) => keepsMemory(dims, order))) return null;
  const isChannelsLast = orders.some((order) => order.join() === channelsLast.join());
  const sizes = staticDims({ dtype: 'float32', dims: dims.slice(1) });
  const columns = dimsOf(x)[1];
  return isChannelsLast && sizes !== null && elementCount(sizes) === columns ? source : null;
}

/** Columns in the order (h, w, c) from those in (c, h, w). */
function followImage(matrix: Encoding, image: Value): Encoding {
  const [outputs = 0] = matrix.dims;
  const sizes = dimsOf(image).slice(1).map(Number);
  const images = reshapeConstant(matrix, [outputs, ...sizes], 0);
  return reshapeConstant(reorderConstant(images, channelsLast), matrix.dims, 0);
}
