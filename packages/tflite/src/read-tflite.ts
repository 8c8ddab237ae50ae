import {
  type ErrorReport,
  EspalierError,
  FormatError,
  isDynamicRange,
  Model,
  type ReadOptions,
  type RequantizationRule,
} from '@espalier/core';
import { FileGraph } from './import/file-graph.js';
import { GraphImporter } from './import/graph-importer.js';

export interface TfliteReadOptions extends ReadOptions {
  /** The rule by which sums become codes, and reals codes of their own range. Default `tflite`, what LiteRT computes, where there are codes. */
  readonly requantization?: RequantizationRule;
}

/**
 * Reads a TensorFlow Lite model. Operators become those of ONNX on [N, C, H, W]; inputs and outputs keep the names,
 * shapes and types that the file has. Tensors with scales become quantizations of values, integer and float16 weights
 * stay what they are.
 *
 * Weights may stay views of `bytes`: don't change `bytes` afterwards.
 *
 * @throws {FormatError} when the bytes are damaged, or contradict themselves
 * @throws {ModelError} when an operator's result is not what the file declares
 * @throws {UnsupportedError} naming all operators that can't be read
 */
export function readTflite(bytes: Uint8Array, options: TfliteReadOptions = {}): Model {
  try {
    const file = new FileGraph(bytes);
    const graph = new GraphImporter(file).run();
    const hasCodes =
      graph.nodes.some(isDynamicRange) || graph.values.some(({ type }) => type?.quantization !== undefined);
    return new Model(graph, {
      metadata: file.description === '' ? [] : [['description', file.description]],
      requantization: options.requantization ?? (hasCodes ? 'tflite' : 'onnx'),
    });
  } catch (error) {
    throw explain(error, options.name);
  }
}

/** Names the file in what is thrown. Whatever else a damaged file brings about is a FormatError too. */
function explain(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof EspalierError)) {
    return new FormatError({
      what: `The .tflite model can't be read: ${error instanceof Error ? error.message : String(error)}`,
      ...(file === undefined ? {} : { where: file }),
      fix: 'Get or convert the model again.',
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
