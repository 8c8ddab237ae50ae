import { encode } from '../src/flat/encode.js';
import { fileIdentifier } from '../src/flat/identifier.js';
import { builtinNumber } from '../src/schema/builtin-operators.js';
import {
  type BufferTable,
  modelTable,
  type QuantizationTable,
  type TensorTable,
} from '../src/schema/model.js';
import type { OptionsMember } from '../src/schema/options.js';

/** Numbers of element types. */
export const FLOAT32 = 0;
export const FLOAT16 = 1;
export const INT32 = 2;
export const INT8 = 9;

export interface TensorSketch {
  readonly name?: string;
  readonly shape: readonly number[];
  readonly signature?: readonly number[];
  readonly type?: number;
  readonly data?: Uint8Array;
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly axis?: number;
  readonly isVariable?: boolean;
  /** Of the buffer, instead of one of its own. */
  readonly buffer?: number;
}

export interface OperatorSketch {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: OptionsMember;
}

export interface ModelSketch {
  readonly version?: number;
  readonly tensors: readonly TensorSketch[];
  readonly operators: readonly OperatorSketch[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly graphs?: number;
}

/** The bytes of a .tflite file that may contradict itself as it likes. */
export function makeTflite(sketch: ModelSketch): Uint8Array {
  const buffers: BufferTable[] = [{ data: new Uint8Array(), offset: 0, size: 0 }];
  const tensors = sketch.tensors.map((tensor): TensorTable => {
    if (tensor.data !== undefined) buffers.push({ data: tensor.data, offset: 0, size: 0 });
    return {
      shape: tensor.shape,
      type: tensor.type ?? FLOAT32,
      buffer: tensor.buffer ?? (tensor.data === undefined ? 0 : buffers.length - 1),
      name: tensor.name ?? '',
      quantization: quantizationOf(tensor),
      isVariable: tensor.isVariable ?? false,
      sparsity: null,
      shapeSignature: tensor.signature ?? [],
      externalBuffer: 0,
    };
  });
  const graph = {
    tensors,
    inputs: sketch.inputs,
    outputs: sketch.outputs,
    operators: sketch.operators.map(({ inputs, outputs, options }, index) => ({
      opcodeIndex: index,
      inputs,
      outputs,
      options: options ?? null,
    })),
    name: 'main',
  };
  const model = {
    version: sketch.version ?? 3,
    operatorCodes: sketch.operators.map(({ name }) => {
      const number = builtinNumber(name);
      return {
        deprecatedBuiltinCode: Math.min(number === -1 ? 32 : number, 127),
        customCode: number === -1 ? name : '',
        version: 1,
        builtinCode: number === -1 ? 32 : number,
      };
    }),
    subgraphs: Array.from({ length: sketch.graphs ?? 1 }, () => graph),
    description: 'made by a test',
    buffers,
  };
  return encode(model, modelTable, fileIdentifier);
}

function quantizationOf({ scale, zeroPoint, axis }: TensorSketch): QuantizationTable | null {
  if (scale === undefined) return null;
  return { scale, zeroPoint: zeroPoint ?? scale.map(() => 0), detailsType: 0, quantizedDimension: axis ?? 0 };
}

export function bytesOf(data: Float32Array | Int32Array | Int8Array | Uint16Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
