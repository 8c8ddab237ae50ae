import { type DataType, fromBytes, type Quantization, quantization, Tensor } from '@espalier/core';
import { FlatTable } from './flat-table.js';

/** A tensor of a .tflite file. */
export interface FileTensor {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly quantization: Quantization | null;
  /** Where it is constant. */
  readonly data: Tensor | null;
}

export interface FileOperator {
  /** Number of the builtin operator. */
  readonly code: number;
  /** null where an optional input is left out. */
  readonly inputs: readonly (FileTensor | null)[];
  readonly outputs: readonly FileTensor[];
  readonly options: FlatTable | null;
}

/** The first subgraph of a .tflite file. */
export interface TfliteFile {
  readonly inputs: readonly FileTensor[];
  readonly outputs: readonly FileTensor[];
  readonly operators: readonly FileOperator[];
}

/** By number, of schema.fbs. */
const types: Readonly<Record<number, DataType>> = {
  0: 'float32',
  1: 'float16',
  2: 'int32',
  3: 'uint8',
  4: 'int64',
  6: 'bool',
  7: 'int16',
  9: 'int8',
};

/** Field numbers are those of tensorflow/lite/schema/schema.fbs, version 3. */
export function readTflite(bytes: Uint8Array): TfliteFile {
  const model = FlatTable.root(bytes);
  const codes = model.tables(1).map((code) => Math.max(code.int(3), code.byte(0)));
  const buffers = model.tables(4);
  const [graph] = model.tables(2);
  if (graph === undefined) throw new Error('The file has no graph.');
  const tensors = graph.tables(0).map((tensor) => readTensor(tensor, buffers));
  const pick = (index: number): FileTensor => {
    const tensor = tensors[index];
    if (tensor === undefined) throw new Error(`The file has no tensor ${index}.`);
    return tensor;
  };
  return {
    inputs: graph.ints(1).map(pick),
    outputs: graph.ints(2).map(pick),
    operators: graph.tables(3).map((operator) => ({
      code: codes[operator.int(0)] ?? -1,
      inputs: operator.ints(1).map((index) => (index < 0 ? null : pick(index))),
      outputs: operator.ints(2).map(pick),
      options: operator.table(4),
    })),
  };
}

function readTensor(tensor: FlatTable, buffers: readonly FlatTable[]): FileTensor {
  const type = types[tensor.byte(1)];
  if (type === undefined) throw new Error(`unsupported: tensor type ${tensor.byte(1)}`);
  const dims = tensor.ints(0);
  const data = buffers[tensor.int(2)]?.bytes(0) ?? new Uint8Array();
  return {
    name: tensor.text(3),
    type,
    dims,
    quantization: readQuantization(tensor.table(4), type, dims),
    data: data.length === 0 ? null : new Tensor(type, fromBytes(type, data), dims),
  };
}

function readQuantization(
  parameters: FlatTable | null,
  type: DataType,
  dims: readonly number[],
): Quantization | null {
  const scale = Float32Array.from(parameters?.floats(2) ?? []);
  if (scale.length === 0 || (type !== 'int8' && type !== 'int16' && type !== 'int32')) return null;
  const zeros = parameters?.longs(3) ?? [];
  // person_detect has biases of rank 1 whose dimension is 3.
  const axis = scale.length === 1 ? null : Math.min(parameters?.int(6) ?? 0, dims.length - 1);
  const zeroPoint = Int32Array.from(scale, (_, index) => zeros[index] ?? 0);
  return quantization({ scale, zeroPoint, axis, storageType: type });
}
