import type { FieldsOf } from './fields.js';
import { type OptionsMember, optionTables } from './options.js';

// Fields that are not read (statistics, debugging, hints for delegates) are left out: the numbers of the others stay.

export interface QuantizationTable {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  /** Of a union: anything but 0 is another form of quantization. */
  readonly detailsType: number;
  readonly quantizedDimension: number;
}

export interface TensorTable {
  readonly shape: readonly number[];
  readonly type: number;
  readonly buffer: number;
  readonly name: string;
  readonly quantization: QuantizationTable | null;
  readonly isVariable: boolean;
  readonly sparsity: Readonly<Record<never, never>> | null;
  /** The shape with -1 where a size is known at run time only. */
  readonly shapeSignature: readonly number[];
  readonly externalBuffer: number;
}

export interface OperatorTable {
  readonly opcodeIndex: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: OptionsMember | null;
}

export interface SubGraphTable {
  readonly tensors: readonly TensorTable[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly OperatorTable[];
  readonly name: string;
}

export interface OperatorCodeTable {
  /** Where numbers below 127 stood before there were more. */
  readonly deprecatedBuiltinCode: number;
  readonly customCode: string;
  readonly version: number;
  readonly builtinCode: number;
}

export interface BufferTable {
  readonly data: Uint8Array;
  /** Where in the file the data are, of files beyond 2 GiB; 0 and 1 stand for nowhere. */
  readonly offset: number;
  readonly size: number;
}

export interface ModelTable {
  readonly version: number;
  readonly operatorCodes: readonly OperatorCodeTable[];
  readonly subgraphs: readonly SubGraphTable[];
  readonly description: string;
  readonly buffers: readonly BufferTable[];
}

const quantization: FieldsOf<QuantizationTable> = {
  scale: { slot: 2, kind: 'float32s' },
  zeroPoint: { slot: 3, kind: 'int64s' },
  detailsType: { slot: 4, kind: 'int8' },
  quantizedDimension: { slot: 6, kind: 'int32' },
};

const tensor: FieldsOf<TensorTable> = {
  shape: { slot: 0, kind: 'int32s' },
  type: { slot: 1, kind: 'int8' },
  buffer: { slot: 2, kind: 'uint32' },
  name: { slot: 3, kind: 'string' },
  quantization: { slot: 4, kind: 'table', fields: quantization },
  isVariable: { slot: 5, kind: 'bool' },
  sparsity: { slot: 6, kind: 'table', fields: {} },
  shapeSignature: { slot: 7, kind: 'int32s' },
  externalBuffer: { slot: 10, kind: 'uint32' },
};

const operator: FieldsOf<OperatorTable> = {
  opcodeIndex: { slot: 0, kind: 'uint32' },
  inputs: { slot: 1, kind: 'int32s' },
  outputs: { slot: 2, kind: 'int32s' },
  options: { slot: 3, kind: 'union', members: optionTables },
};

const subGraph: FieldsOf<SubGraphTable> = {
  tensors: { slot: 0, kind: 'tables', fields: tensor },
  inputs: { slot: 1, kind: 'int32s' },
  outputs: { slot: 2, kind: 'int32s' },
  operators: { slot: 3, kind: 'tables', fields: operator },
  name: { slot: 4, kind: 'string' },
};

const operatorCode: FieldsOf<OperatorCodeTable> = {
  deprecatedBuiltinCode: { slot: 0, kind: 'int8' },
  customCode: { slot: 1, kind: 'string' },
  version: { slot: 2, kind: 'int32', absent: 1 },
  builtinCode: { slot: 3, kind: 'int32' },
};

const buffer: FieldsOf<BufferTable> = {
  data: { slot: 0, kind: 'bytes' },
  offset: { slot: 1, kind: 'uint64' },
  size: { slot: 2, kind: 'uint64' },
};

/** The root of a file. @see schema.fbs of TensorFlow Lite, version 3 */
export const modelTable: FieldsOf<ModelTable> = {
  version: { slot: 0, kind: 'uint32' },
  operatorCodes: { slot: 1, kind: 'tables', fields: operatorCode },
  subgraphs: { slot: 2, kind: 'tables', fields: subGraph },
  description: { slot: 3, kind: 'string' },
  buffers: { slot: 4, kind: 'tables', fields: buffer },
};
