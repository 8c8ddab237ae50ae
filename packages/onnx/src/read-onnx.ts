import { type ErrorReport, EspalierError, FormatError, Model, type ReadOptions } from '@espalier/core';
import type { ModelProto, TensorProto } from './gen/onnx_pb.js';
import { readExternalFiles } from './import/external-data.js';
import { foldDynamicRanges } from './import/fold-dynamic-ranges.js';
import { foldQuantization } from './import/fold-quantization.js';
import { expandFunctions } from './import/functions.js';
import { GraphImporter } from './import/graph-importer.js';
import { liftCodes } from './import/lift-codes.js';
import { releaseFile } from './import/release-file.js';
import { readPackedTensor, readTensor } from './import/tensor-proto.js';
import { type ParsedModel, parseModel } from './proto/parse-model.js';

/**
 * Reads an ONNX model of any opset from 1 to 28. What older opsets mean is translated into the newest
 * opset's operators; Constant nodes become constants; pairs of QuantizeLinear and DequantizeLinear with
 * constant parameters become quantizations of values and affine weights.
 *
 * Weights may stay views of `bytes`: don't change `bytes` afterwards.
 *
 * @throws {FormatError} when the bytes are damaged, with the byte offset where it can be had
 * @throws {ModelError} when the graph contradicts itself: cycles, names that are missing or there twice
 * @throws {UnsupportedError} for operators, types and domains outside the IR, by name
 */
export async function readOnnx(bytes: Uint8Array, options: ReadOptions = {}): Promise<Model> {
  try {
    const proto = parseModel(bytes);
    const files = await readExternalFiles(tensorsOf(proto), options.readBeside);
    const fileOffset = bytes.byteOffset;
    const reader = {
      readTensor: (tensor: TensorProto) => readTensor(tensor, files, fileOffset),
      readPackedTensor: (tensor: TensorProto) => readPackedTensor(tensor, files),
    };
    const nodes = expandFunctions(proto, proto.graph.node);
    const graph = new GraphImporter(proto.graph, nodes, reader, options.operatorKernels).run();
    liftCodes(graph);
    foldQuantization(graph);
    foldDynamicRanges(graph);
    graph.removeDead();
    releaseFile(graph, bytes);
    return new Model(graph, { metadata: metadataOf(proto) });
  } catch (error) {
    throw explain(error, options.name);
  }
}

/** Every tensor of the main graph and of functions that may lie in another file. */
function* tensorsOf({ graph, functions }: ParsedModel): Generator<TensorProto> {
  yield* graph.initializer;
  for (const node of [...graph.node, ...functions.flatMap((f) => f.node)]) {
    for (const { t } of node.attribute) if (t !== undefined) yield t;
  }
}

function metadataOf(proto: ModelProto): Map<string, string> {
  const known: readonly (readonly [string, string])[] = [
    ['producer', [proto.producerName, proto.producerVersion].filter((text) => text !== '').join(' ')],
    ['domain', proto.domain],
    ['description', proto.docString],
    ...proto.metadataProps.map(({ key, value }) => [key, value] as const),
  ];
  return new Map(known.filter(([key, text]) => key !== '' && text !== ''));
}

/** Names the file in what is thrown. Whatever else a damaged file brings about is a FormatError too. */
function explain(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof EspalierError)) {
    return new FormatError({
      what: `The ONNX model can't be read: ${error instanceof Error ? error.message : String(error)}`,
      ...(file === undefined ? {} : { where: file }),
      fix: 'Get or export the model again.',
      cause: error,
    });
  }
  if (file === undefined) return error;
  const Kind = error.constructor as new (report: ErrorReport) => EspalierError; // all its subclasses take a report
  const { what, where, fix, cause } = error;
  return new Kind({
    what,
    where: where === undefined ? file : `${file}, ${where}`,
    ...(fix === undefined ? {} : { fix }),
    cause,
  });
}
