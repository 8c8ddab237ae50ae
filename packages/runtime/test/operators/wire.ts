// The least of an ONNX reader that the conformance cases of one node need. Test only: no checks.
import {
  type Attribute,
  type DataType,
  float,
  floats,
  fromBytes,
  int,
  ints,
  string,
  Tensor,
  tensor,
  tensorOf,
} from '@espalier/core';

type Field = { readonly number: number; readonly value: bigint | Uint8Array };

/** The fields of one protobuf message, in order. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const wireType = key & 7;
    if (wireType === 0) yield { number: key >> 3, value: varint() };
    else {
      const length = wireType === 2 ? Number(varint()) : wireType === 1 ? 8 : 4;
      yield { number: key >> 3, value: bytes.subarray(at, at + length) };
      at += length;
    }
  }
}

const bytesOf = (field: Field): Uint8Array => field.value as Uint8Array;
const textOf = (field: Field): string => new TextDecoder().decode(bytesOf(field));
const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));

/** Repeated integers, packed or not. */
function integersIn(field: Field): bigint[] {
  if (typeof field.value === 'bigint') return [field.value];
  // A packed list is a run of varints: read it as fields of nothing but a key.
  const out: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of field.value) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte < 128) {
      out.push(value);
      value = 0n;
      shift = 0n;
    }
  }
  return out;
}

const floatsIn = (field: Field): number[] => [...fromBytes('float32', bytesOf(field).slice())];

const typeNames: readonly (DataType | 'string' | 'undefined')[] = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
];

/** A TensorProto and its name. */
export function readTensor(bytes: Uint8Array): { readonly name: string; readonly tensor: Tensor } {
  let name = '';
  let type: DataType = 'float32';
  const dims: number[] = [];
  const numbers: number[] = [];
  const wide: bigint[] = [];
  let raw: Uint8Array | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) dims.push(...integersIn(field).map(signed));
    else if (field.number === 2) type = typeNames[Number(field.value)] as DataType;
    else if (field.number === 4) numbers.push(...floatsIn(field));
    else if (field.number === 5) numbers.push(...integersIn(field).map(signed));
    else if (field.number === 7 || field.number === 11) wide.push(...integersIn(field));
    else if (field.number === 8) name = textOf(field);
    else if (field.number === 9) raw = bytesOf(field).slice();
    else if (field.number === 10) numbers.push(...fromBytes('float64', bytesOf(field).slice()));
  }
  if (raw !== undefined) return { name, tensor: new Tensor(type, fromBytes(type, raw), dims) };
  if (type === 'int64')
    return {
      name,
      tensor: new Tensor(
        type,
        BigInt64Array.from(wide, (v) => BigInt.asIntN(64, v)),
        dims,
      ),
    };
  if (type === 'uint64') return { name, tensor: new Tensor(type, BigUint64Array.from(wide), dims) };
  if (type === 'uint32') return { name, tensor: tensorOf(type, wide.map(Number), dims) };
  // float16 comes as bits.
  if (type === 'float16') return { name, tensor: new Tensor(type, Uint16Array.from(numbers), dims) };
  return { name, tensor: tensorOf(type, numbers, dims) };
}

export interface NodeProto {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface ModelProto {
  readonly opset: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly NodeProto[];
}

export function readModel(bytes: Uint8Array): ModelProto {
  let opset = 0;
  let graph = new Uint8Array();
  for (const field of fieldsOf(bytes)) {
    if (field.number === 7) graph = bytesOf(field).slice();
    else if (field.number === 8) {
      for (const inner of fieldsOf(bytesOf(field))) if (inner.number === 2) opset = Number(inner.value);
    }
  }
  const fields = [...fieldsOf(graph)];
  const named = (number: number) =>
    fields.filter((f) => f.number === number).map((f) => firstText(bytesOf(f)));
  const initializers = fields.filter((f) => f.number === 5).map((f) => readTensor(bytesOf(f)));
  return {
    opset,
    inputs: named(11),
    outputs: named(12),
    initializers: new Map(initializers.map((entry) => [entry.name, entry.tensor])),
    nodes: fields.filter((f) => f.number === 1).map((f) => readNode(bytesOf(f))),
  };
}

function firstText(bytes: Uint8Array): string {
  for (const field of fieldsOf(bytes)) if (field.number === 1) return textOf(field);
  return '';
}

function readNode(bytes: Uint8Array): NodeProto {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, Attribute> = {};
  let op = '';
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) inputs.push(textOf(field));
    else if (field.number === 2) outputs.push(textOf(field));
    else if (field.number === 4) op = textOf(field);
    else if (field.number === 5) attributes[firstText(bytesOf(field))] = readAttribute(bytesOf(field));
  }
  return { op, inputs, outputs, attributes };
}

/** By AttributeProto.type (field 20). Lists of strings keep only their text. */
function readAttribute(bytes: Uint8Array): Attribute {
  const fields = [...fieldsOf(bytes)];
  const all = (number: number) => fields.filter((field) => field.number === number);
  const only = (number: number): Field => all(number)[0] ?? { number, value: 0n };
  switch (Number(only(20).value)) {
    case 1:
      return float(all(2).flatMap(floatsIn)[0] ?? 0);
    case 2:
      return int(signed(only(3).value as bigint));
    case 3:
      return string(textOf(only(4)));
    case 4:
      return tensor(readTensor(bytesOf(only(5))).tensor);
    case 6:
      return floats(all(7).flatMap(floatsIn));
    case 7:
      return ints(all(8).flatMap(integersIn).map(signed));
    case 8:
      return { type: 'strings', value: all(9).map(textOf) };
    default:
      throw new Error(`attribute type ${only(20).value} is not read here`);
  }
}
