import { create, toBinary } from '@bufbuild/protobuf';
import {
  bytesPerElement,
  elementCount,
  type Model,
  UnsupportedError,
  type WriteOptions,
} from '@espalier/core';
import { withoutDynamicRanges } from './export/dynamic-ranges.js';
import { GraphExporter } from './export/graph-exporter.js';
import { contribDomain, toQOperators } from './export/q-operators.js';
import { irVersionOf, requiredOpset } from './export/required-opset.js';
import { ModelProtoSchema } from './gen/onnx_pb.js';

/** Protocol Buffers end at 2 GiB; a little is left for what is not weights. */
const maxWeightBytes = 2 ** 31 - 2 ** 24;

/**
 * Writes a model as ONNX, opset 21 or the oldest newer one that has all its operators. Quantized values
 * become pairs of QuantizeLinear and DequantizeLinear; affine weights integers with a DequantizeLinear
 * behind; float16 weights stay float16 with a Cast behind; other encodings are decoded.
 * Ranges that are known at run time become DynamicQuantizeLinear, MatMulInteger and ConvInteger.
 *
 * With `quantized: 'qoperator'` quantized nodes become QLinearConv, QLinearMatMul and, of ONNX Runtime's own domain, QGemm,
 * QLinearAdd and others, which compute on codes; what has no such form has pairs around it.
 *
 * @throws {UnsupportedError} when an operator is none of ONNX's, or the file would exceed 2 GiB
 */
export function writeOnnx(model: Model, { quantized = 'qdq' }: WriteOptions = {}): Uint8Array {
  assertSize(model);
  const source = withoutDynamicRanges(model);
  const { graph, metadata } = quantized === 'qoperator' ? toQOperators(source) : source;
  const opset = requiredOpset(graph.nodes);
  const proto = create(ModelProtoSchema, {
    irVersion: BigInt(irVersionOf(opset)),
    opsetImport: [
      { domain: '', version: BigInt(opset) },
      ...(graph.nodes.some(({ domain }) => domain === contribDomain)
        ? [{ domain: contribDomain, version: 1n }]
        : []),
    ],
    producerName: 'espalier',
    ...optional('domain', metadata.get('domain')),
    ...optional('docString', metadata.get('description')),
    graph: new GraphExporter(graph).run(),
    metadataProps: [...metadata]
      .filter(([key]) => !['producer', 'domain', 'description'].includes(key))
      .map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, proto);
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: string }); // K is one literal here
}

function assertSize({ graph }: Model): void {
  let bytes = 0;
  for (const { constant } of graph.constants) {
    // What is decoded is at most its type's size; integer codes are smaller.
    if (constant !== null) bytes += elementCount(constant.dims) * bytesPerElement(codeType(constant));
  }
  if (bytes <= maxWeightBytes) return;
  throw new UnsupportedError({
    what: `The weights take ${bytes} bytes; an ONNX file holds at most 2 GiB.`,
    where: `graph "${graph.name}"`,
    fix: 'Write .espalier, or quantize the weights first.',
  });
}

function codeType(encoding: Model['graph']['constants'][number]['constant'] & object): typeof encoding.type {
  const { codes, source } = encoding.children;
  if (encoding.kind === 'affine' && codes !== undefined) return codes.type;
  return encoding.kind === 'cast' && source !== undefined ? source.type : encoding.type;
}
