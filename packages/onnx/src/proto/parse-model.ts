import { fromBinary } from '@bufbuild/protobuf';
import { FormatError } from '@espalier/core';
import { type GraphProto, type ModelProto, ModelProtoSchema } from '../gen/onnx_pb.js';
import { scanWire } from './scan-wire.js';

/** A model that has a graph: the least an ONNX file holds. */
export type ParsedModel = ModelProto & { readonly graph: GraphProto };

/**
 * Parses the bytes of an `.onnx` file. Weights stay views of `bytes`.
 *
 * @throws {FormatError} when they are empty, damaged, or something else than a model
 */
export function parseModel(bytes: Uint8Array): ParsedModel {
  if (bytes.length === 0) {
    throw new FormatError({ what: 'The ONNX file is empty.', fix: 'Get or export the model again.' });
  }
  const damage = scanWire(bytes);
  if (damage !== null) {
    const field = damage.path === '' ? '' : `, field "${damage.path}"`;
    throw damaged(`byte ${damage.byteOffset}${field}: ${damage.what}`);
  }
  const model = parse(bytes);
  if (model.graph === undefined) {
    throw new FormatError({
      what: 'The file holds no ONNX graph.',
      where: `${bytes.length} bytes`,
      fix: 'Pass an .onnx model; is this another format?',
    });
  }
  // Required since version 3 of the IR (onnx/docs/IR.md, "Models"). Writers put it last: a cut file lacks it.
  if (model.irVersion >= 3n && model.opsetImport.length === 0) {
    throw damaged(`${bytes.length} bytes, field "opset_import": it is missing`);
  }
  return model as ParsedModel; // the graph was looked for above
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw damaged(`${bytes.length} bytes`, cause);
  }
}

function damaged(where: string, cause?: unknown): FormatError {
  return new FormatError({
    what: 'The file is no ONNX model, or it is damaged.',
    where,
    fix: 'Get or export the model again; a file that was cut short is the usual reason.',
    cause,
  });
}
