import { type DescField, isFieldSet } from '@bufbuild/protobuf';
import {
  type Attribute,
  Attributes,
  type Encoding,
  FormatError,
  float,
  floats,
  int,
  ints,
  string,
  strings,
  type Tensor,
  tensor,
  UnsupportedError,
} from '@espalier/core';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
  type TensorProto,
} from '../gen/onnx_pb.js';

/** What attributes need from the model that holds them. */
export interface AttributeReader {
  readTensor(proto: TensorProto): Tensor;
  /** Integers of 4 bits; null where the tensor is of another type. */
  readPackedTensor(proto: TensorProto): Encoding | null;
}

type Read = (proto: AttributeProto, reader: AttributeReader, where: string) => Attribute;

const readers: { readonly [K in Kind]?: Read } = {
  [Kind.FLOAT]: ({ f }) => float(f),
  [Kind.INT]: ({ i }) => int(toNumber(i)),
  [Kind.STRING]: ({ s }, _, where) => string(text(s, where)),
  [Kind.TENSOR]: ({ t }, reader, where) => {
    if (t === undefined) throw new FormatError({ what: 'A tensor attribute holds no tensor.', where });
    return tensor(reader.readTensor(t));
  },
  [Kind.FLOATS]: (proto) => floats(proto.floats),
  [Kind.INTS]: (proto) => ints(proto.ints.map(toNumber)),
  [Kind.STRINGS]: (proto, _, where) => strings(proto.strings.map((s) => text(s, where))),
};

/** Files of IR version 1 do not say which field counts: the one that is set. */
const fields: readonly (readonly [Kind, string])[] = [
  [Kind.FLOAT, 'f'],
  [Kind.INT, 'i'],
  [Kind.STRING, 's'],
  [Kind.TENSOR, 't'],
  [Kind.GRAPH, 'g'],
  [Kind.FLOATS, 'floats'],
  [Kind.INTS, 'ints'],
  [Kind.STRINGS, 'strings'],
  [Kind.TENSORS, 'tensors'],
  [Kind.GRAPHS, 'graphs'],
];

/**
 * Reads the attributes of one node.
 *
 * @param where - the node, for messages
 * @throws {UnsupportedError} for sub-graphs, types and sparse tensors
 */
export function readAttributes(
  protos: readonly AttributeProto[],
  reader: AttributeReader,
  where: string,
): Attributes {
  const entries = new Map<string, Attribute>();
  for (const proto of protos) {
    const place = `${where}, attribute "${proto.name}"`;
    if (entries.has(proto.name)) {
      throw new FormatError({ what: `The attribute "${proto.name}" is there twice.`, where });
    }
    const kind = kindOf(proto);
    const read = readers[kind];
    if (read === undefined) {
      throw new UnsupportedError({
        what: `Attributes of type ${Kind[kind]} are not supported.`,
        where: place,
        fix: 'Export the model without control flow, sequences and sparse tensors.',
      });
    }
    entries.set(proto.name, read(proto, reader, place));
  }
  return new Attributes(entries);
}

function kindOf(proto: AttributeProto): Kind {
  if (proto.type !== Kind.UNDEFINED) return proto.type;
  const set = fields.find(([, name]) => isFieldSet(proto, fieldNamed(name)));
  return set?.[0] ?? Kind.INTS; // nothing is set: an empty list, which all list types write alike
}

function fieldNamed(name: string): DescField {
  const field = AttributeProtoSchema.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new FormatError({ what: `AttributeProto has no field "${name}".` });
  return field;
}

/** int64 as a number. What a double can't hold means "to the end": it is limited, as the IR says. */
function toNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER;
  if (value < BigInt(Number.MIN_SAFE_INTEGER)) return Number.MIN_SAFE_INTEGER;
  return Number(value);
}

function text(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError({ what: 'A string attribute is no UTF-8.', where, fix: 'Export the model again.' });
  }
}
