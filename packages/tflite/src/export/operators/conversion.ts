import { type Quantization, sameQuantization, typeByNumber, type Value } from '@espalier/core';
import { sameOrder } from '../../axes.js';
import { tensorTypeNumber } from '../../schema/tensor-types.js';
import { sameCodes } from '../code-grid.js';
import type { OperatorWriter, Write } from '../operator-writer.js';

/** From one grid to another, or to none. */
export const writeIdentity: Write = (writer) => {
  const x = writer.value(0);
  const y = writer.result.value;
  const order = writer.order(x);
  const [from, to] = [writer.grid(x), writer.grid(y)];
  if (to === null) {
    // What it was computed with: reals, behind a grid or without one.
    writer.tensors.keep(y, writer.tensors.tensor(x, 'reals', order), order, 'reals');
    return;
  }
  if (from !== null && sameCodes(from, to)) {
    writer.tensors.keep(y, writer.tensors.tensor(x, 'codes', order), order, 'codes');
    return;
  }
  writer.quantize(y, writer.tensors.tensor(x, from === null ? 'reals' : 'codes', order), order);
};

/** The grid that a QuantizeLinear or DequantizeLinear has as constants; null where it has another form. */
export function constantGrid(writer: OperatorWriter, storage: Value): Quantization {
  const [scale] = writer.numbers(1) ?? [];
  const zeros = writer.numbers(2) ?? [0];
  const type = storage.type?.dtype;
  if (writer.value(1).constant?.dims.some((dim) => dim !== 1) || scale === undefined || !(scale > 0)) {
    throw writer.unsupported('it has not one scale for all');
  }
  if (type !== 'int8' && type !== 'uint8' && type !== 'int16')
    throw writer.unsupported(`its codes are ${type}`);
  return {
    scale: Float32Array.of(scale),
    zeroPoint: Int32Array.of(zeros[0] ?? 0),
    axis: null,
    storageType: type,
  };
}

/** Codes that are fed, or that a QuantizeLinear gave: they are on the grid that it names. */
export const writeDequantizeLinear: Write = (writer) => {
  const codes = writer.value(0);
  const y = writer.result.value;
  const order = sameOrder(writer.dims(y).length);
  const given = constantGrid(writer, codes);
  const from = writer.tensors.tensor(codes, 'reals');
  const grid = y.type?.quantization;
  if (grid !== undefined && sameQuantization(grid, given) && grid.storageType !== 'uint8') {
    writer.tensors.keep(y, from, order, 'codes');
  } else if (grid === undefined) {
    const to = writer.file.tensor({ name: y.name, type: 'float32', dims: writer.dims(y) });
    writer.file.operator('DEQUANTIZE', 2, [from], [to]);
    writer.tensors.keep(y, to, order, 'reals');
  } else {
    writer.quantize(y, from, order);
  }
};

/** Codes as a tensor of integers: an output of the model. */
export const writeQuantizeLinear: Write = (writer) => {
  const x = writer.value(0);
  const y = writer.result.value;
  const order = sameOrder(writer.dims(y).length);
  const grid = constantGrid(writer, y);
  const own = x.type?.quantization;
  if (own !== undefined && sameQuantization(own, grid) && grid.storageType !== 'uint8') {
    writer.tensors.keep(y, writer.tensors.tensor(x, 'codes'), order, 'reals');
    return;
  }
  const from = writer.tensors.tensor(x, own === undefined ? 'reals' : 'codes');
  const to = writer.file.tensor({
    name: y.name,
    type: grid.storageType,
    dims: writer.dims(y),
    quantization: grid,
  });
  writer.file.operator('QUANTIZE', 2, [from], [to]);
  writer.tensors.keep(y, to, order, 'reals');
};

export const writeCast: Write = (writer) => {
  const x = writer.value(0);
  const to = typeByNumber(writer.node.attributes.int('to'));
  const from = x.type?.dtype;
  if (to === null || from === undefined) throw writer.unsupported('its type is not known');
  const order = writer.order(x);
  writer.put('CAST', [writer.input(0, order)], order, {
    name: 'Cast',
    table: { inDataType: tensorTypeNumber(from), outDataType: tensorTypeNumber(to) },
  });
};
