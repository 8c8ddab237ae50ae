import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Attribute, Attributes, type DataType, Tensor, tensorOf } from '@espalier/core';
import { attributesToProto } from '../src/export/attributes-to-proto.js';
import { tensorToProto } from '../src/export/tensor-to-proto.js';
import { type FunctionProtoSchema, ModelProtoSchema } from '../src/gen/onnx_pb.js';
import { elementTypeNumber } from '../src/proto/element-types.js';

export interface NodeText {
  readonly op: string;
  readonly domain?: string;
  readonly name?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface ModelText {
  readonly opset: number;
  readonly ir?: number;
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: readonly string[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly NodeText[];
  readonly types?: Readonly<Record<string, DataType>>;
  readonly functions?: MessageInitShape<typeof FunctionProtoSchema>[];
  readonly domains?: Readonly<Record<string, number>>;
}

/** An ONNX file of any opset, as an exporter of that time would have written it. */
export function makeOnnx(text: ModelText): Uint8Array {
  const typeOf = (name: string): number => elementTypeNumber(text.types?.[name] ?? 'float32');
  const proto = create(ModelProtoSchema, {
    irVersion: BigInt(text.ir ?? 8),
    opsetImport: [
      { domain: '', version: BigInt(text.opset) },
      ...Object.entries(text.domains ?? {}).map(([domain, version]) => ({
        domain,
        version: BigInt(version),
      })),
    ],
    functions: text.functions ?? [],
    graph: {
      name: 'g',
      node: text.nodes.map(({ op, domain = '', name = '', inputs, outputs, attributes = {} }) => ({
        name,
        opType: op,
        domain,
        input: [...inputs],
        output: [...outputs],
        attribute: attributesToProto(new Attributes(attributes)),
      })),
      initializer: Object.entries(text.constants ?? {}).map(([name, tensor]) => tensorToProto(tensor, name)),
      input: Object.entries(text.inputs).map(([name, dims]) => ({
        name,
        type: {
          value: {
            case: 'tensorType' as const,
            value: {
              elemType: typeOf(name),
              shape: {
                dim: dims.map((d) => ({
                  value:
                    typeof d === 'number'
                      ? { case: 'dimValue' as const, value: BigInt(d) }
                      : { case: 'dimParam' as const, value: d },
                })),
              },
            },
          },
        },
      })),
      output: text.outputs.map((name) => ({
        name,
        type: { value: { case: 'tensorType' as const, value: { elemType: typeOf(name) } } },
      })),
    },
  });
  return toBinary(ModelProtoSchema, proto);
}

/** Seeded reals in [-2, 2). Numerical Recipes' linear congruential generator. */
export function randomTensor(dims: readonly number[], seed = 1, type: DataType = 'float32'): Tensor {
  let state = seed >>> 0;
  const size = dims.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 4 - 2;
  });
  return tensorOf(type, values, dims);
}

export function int64s(...values: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);
}
