import {
  affine,
  bytesPerElement,
  type DataType,
  type Dim,
  dense,
  type Encoding,
  elementCount,
  FormatError,
  fromBytes,
  type Quantization,
  Tensor,
  UnsupportedError,
  unknownDim,
} from '@espalier/core';
import { decode } from '../flat/decode.js';
import { hasIdentifier } from '../flat/identifier.js';
import { builtinOperators } from '../schema/builtin-operators.js';
import {
  type BufferTable,
  type ModelTable,
  modelTable,
  type OperatorTable,
  type SubGraphTable,
  type TensorTable,
} from '../schema/model.js';
import { dataTypeOf, int4, tensorTypeName } from '../schema/tensor-types.js';
import { readQuantization } from './read-quantization.js';

/** A tensor of a .tflite file, checked. */
export interface FileTensor {
  readonly index: number;
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  /** The same, with a name where the size is known at run time only. */
  readonly openDims: readonly Dim[];
  readonly quantization: Quantization | null;
  /** Where it is constant: codes with their quantization where it has one. */
  readonly constant: Encoding | null;
  /** For messages. */
  readonly where: string;
}

export interface FileOperator {
  readonly index: number;
  /** `CONV_2D`, or the name of a custom operator. */
  readonly name: string;
  readonly isCustom: boolean;
  /** null where an optional input is left out. */
  readonly inputs: readonly (number | null)[];
  readonly outputs: readonly number[];
  readonly options: OperatorTable['options'];
  /** For messages. */
  readonly where: string;
}

/** The version of the schema that all converters have written since 2017. */
const versionRead = 3;

/**
 * The graph of a .tflite file. Tensors are read as they are asked for: what no supported operator reads need not be
 * understood.
 */
export class FileGraph {
  readonly description: string;
  readonly name: string;
  readonly operators: readonly FileOperator[];
  readonly #bytes: Uint8Array;
  readonly #model: ModelTable;
  readonly #graph: SubGraphTable;
  readonly #tensors = new Map<number, FileTensor>();

  /** @throws {FormatError} when the file is damaged; {UnsupportedError} for another version, or several graphs */
  constructor(bytes: Uint8Array) {
    if (!hasIdentifier(bytes)) {
      throw new FormatError({
        what: 'This is no .tflite file: it does not begin with its identifier.',
        where: 'byte 4',
        fix: 'Pass a file of TensorFlow Lite.',
      });
    }
    this.#bytes = bytes;
    this.#model = decode(bytes, modelTable, 'Model');
    this.#graph = onlyGraph(this.#model);
    this.description = this.#model.description;
    this.name = this.#graph.name;
    this.operators = this.#graph.operators.map((operator, index) => this.#readOperator(operator, index));
  }

  get inputs(): readonly FileTensor[] {
    return this.#graph.inputs.map((index) => this.tensor(index));
  }

  get outputs(): readonly FileTensor[] {
    return this.#graph.outputs.map((index) => this.tensor(index));
  }

  /** @throws {FormatError} for a number that is no tensor's, or a tensor that contradicts itself */
  tensor(index: number): FileTensor {
    const known = this.#tensors.get(index);
    if (known !== undefined) return known;
    const table = this.#graph.tensors[index];
    if (table === undefined) {
      throw new FormatError({
        what: `There is no tensor ${index}; the file has ${this.#graph.tensors.length}.`,
        fix: 'Get or convert the model again.',
      });
    }
    const tensor = this.#readTensor(table, index);
    this.#tensors.set(index, tensor);
    return tensor;
  }

  #readOperator(operator: OperatorTable, index: number): FileOperator {
    const code = this.#model.operatorCodes[operator.opcodeIndex];
    if (code === undefined) {
      throw new FormatError({
        what: `It has operator code ${operator.opcodeIndex}; the file has ${this.#model.operatorCodes.length}.`,
        where: `operator ${index}`,
        fix: 'Get or convert the model again.',
      });
    }
    const number = Math.max(code.deprecatedBuiltinCode, code.builtinCode);
    const builtin = builtinOperators[number] ?? `number ${number}`;
    const isCustom = builtin === 'CUSTOM';
    const name = isCustom ? code.customCode : builtin;
    return {
      index,
      name,
      isCustom,
      inputs: operator.inputs.map((tensor) => (tensor === -1 ? null : tensor)),
      outputs: operator.outputs,
      options: operator.options,
      where: `operator ${index} (${name})`,
    };
  }

  #readTensor(table: TensorTable, index: number): FileTensor {
    const name = table.name || `tensor_${index}`;
    const where = `tensor ${index} "${table.name}"`;
    const type = table.type === int4 ? 'int8' : dataTypeOf(table.type);
    if (type === null || table.isVariable || table.sparsity !== null || table.externalBuffer !== 0) {
      throw unsupportedTensor(table, where);
    }
    const dims = table.shape;
    if (dims.some((dim) => dim < 0) || !Number.isSafeInteger(elementCount(dims))) {
      throw new FormatError({
        what: `A tensor has the shape [${dims.join(', ')}].`,
        where,
        fix: 'Get or convert the model again.',
      });
    }
    const quantization = readQuantization(table.quantization, type, dims, where);
    const data = this.#dataOf(table, where);
    const codes = data === null ? null : readElements(data, table.type, type, dims, where);
    return {
      index,
      name,
      type,
      dims,
      openDims: openDims(table),
      quantization,
      constant: codes === null || quantization === null ? codes : affine(codes, quantization),
      where,
    };
  }

  #dataOf(table: TensorTable, where: string): Uint8Array | null {
    if (table.buffer === 0) return null;
    const buffer = this.#model.buffers[table.buffer];
    if (buffer === undefined) {
      throw new FormatError({
        what: `Its data are in buffer ${table.buffer}; the file has ${this.#model.buffers.length}.`,
        where,
        fix: 'Get or convert the model again.',
      });
    }
    const data = buffer.offset > 1 ? this.#dataBehind(buffer, where) : buffer.data;
    return data.length === 0 ? null : data;
  }

  /** Files beyond 2 GiB have their weights behind the FlatBuffer. */
  #dataBehind({ offset, size }: BufferTable, where: string): Uint8Array {
    if (offset + size <= this.#bytes.length) return this.#bytes.subarray(offset, offset + size);
    throw new FormatError({
      what: `Its data are bytes ${offset} to ${offset + size}; the file has ${this.#bytes.length}.`,
      where,
      fix: 'Get the whole file again.',
    });
  }
}

function onlyGraph({ version, subgraphs }: ModelTable): SubGraphTable {
  if (version !== versionRead) {
    throw new UnsupportedError({
      what: `The file is of version ${version} of its schema; version ${versionRead} is read here.`,
      where: 'Model.version',
      fix: 'Convert the model with a converter of TensorFlow 2.',
    });
  }
  const [graph, ...others] = subgraphs;
  if (graph === undefined) {
    throw new FormatError({
      what: 'The file has no graph.',
      where: 'Model.subgraphs',
      fix: 'Convert the model again.',
    });
  }
  if (others.length === 0) return graph;
  throw new UnsupportedError({
    what: `The file has ${subgraphs.length} graphs: control flow, or several signatures.`,
    where: 'Model.subgraphs',
    fix: 'Convert one signature of a model without control flow.',
  });
}

function unsupportedTensor(table: TensorTable, where: string): UnsupportedError {
  const what =
    dataTypeOf(table.type) === null && table.type !== int4
      ? `Tensors of type ${tensorTypeName(table.type)} are not supported.`
      : table.isVariable
        ? 'Variables, whose state lasts from run to run, are not supported.'
        : table.sparsity !== null
          ? 'Sparse tensors are not supported.'
          : 'Data in other files are not supported.';
  return new UnsupportedError({ what, where, fix: 'Convert the model without it.' });
}

function openDims({ shape, shapeSignature }: TensorTable): readonly Dim[] {
  if (shapeSignature.length !== shape.length) return shape;
  return shape.map((dim, axis) => (shapeSignature[axis] === -1 ? (axis === 0 ? 'batch' : unknownDim) : dim));
}

function readElements(
  data: Uint8Array,
  number: number,
  type: DataType,
  dims: readonly number[],
  where: string,
): Encoding {
  const count = elementCount(dims);
  const wanted = number === int4 ? Math.ceil(count / 2) : count * bytesPerElement(type);
  if (data.length !== wanted) {
    throw new FormatError({
      what: `${tensorTypeName(number)} of shape [${dims.join(', ')}] takes ${wanted} bytes; its buffer has ${data.length}.`,
      where,
      fix: 'Get or convert the model again.',
    });
  }
  const elements = number === int4 ? unpackInt4(data, count) : fromBytes(type, data);
  return dense(new Tensor(type, elements, dims));
}

/** The low bits of a byte come first. */
function unpackInt4(data: Uint8Array, count: number): Int8Array {
  return Int8Array.from({ length: count }, (_, index) => {
    const byte = data[index >> 1] ?? 0;
    return (index % 2 === 0 ? byte << 28 : byte << 24) >> 28;
  });
}
