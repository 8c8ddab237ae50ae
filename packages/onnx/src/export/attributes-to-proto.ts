import { create } from '@bufbuild/protobuf';
import type { Attribute, Attributes } from '@espalier/core';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as Kind,
} from '../gen/onnx_pb.js';
import { tensorToProto } from './tensor-to-proto.js';

const encoder = new TextEncoder();

export function attributesToProto(attributes: Attributes): AttributeProto[] {
  return [...attributes].map(([name, attribute]) =>
    create(AttributeProtoSchema, { name, ...contentOf(attribute) }),
  );
}

type Content = Partial<Omit<AttributeProto, '$typeName' | '$unknown' | 'name'>>;

function contentOf(attribute: Attribute): Content {
  switch (attribute.type) {
    case 'int':
      return { type: Kind.INT, i: BigInt(attribute.value) };
    case 'float':
      return { type: Kind.FLOAT, f: attribute.value };
    case 'string':
      return { type: Kind.STRING, s: encoder.encode(attribute.value) };
    case 'tensor':
      return { type: Kind.TENSOR, t: tensorToProto(attribute.value) };
    case 'ints':
      return { type: Kind.INTS, ints: attribute.value.map(BigInt) };
    case 'floats':
      return { type: Kind.FLOATS, floats: [...attribute.value] };
    case 'strings':
      return { type: Kind.STRINGS, strings: attribute.value.map((text) => encoder.encode(text)) };
    default:
      return attribute satisfies never;
  }
}
