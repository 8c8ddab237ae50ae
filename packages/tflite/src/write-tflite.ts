import { elementCount, inferShapes, type Model, UnsupportedError } from '@espalier/core';
import { GraphExporter } from './export/graph-exporter.js';
import { encode } from './flat/encode.js';
import { fileIdentifier } from './flat/identifier.js';
import { modelTable } from './schema/model.js';

/** FlatBuffers end at 2 GiB; a little is left for what is not weights. */
const maxWeightBytes = 2 ** 31 - 2 ** 24;

/**
 * Writes a model as TensorFlow Lite. Inputs and outputs keep names, types and shapes; between operators images are
 * [N, H, W, C], and are transposed only where the model itself has them otherwise. Values on a grid become int8 tensors;
 * an operator that the file's kernels can't compute with them as the model means it is computed in reals between
 * DEQUANTIZE and QUANTIZE.
 *
 * Affine weights stay integers, float16 weights float16, behind a DEQUANTIZE where they are computed with as reals; other
 * encodings are decoded.
 *
 * @throws {UnsupportedError} naming the operators, or the node, that a file can't say
 */
export function writeTflite(model: Model): Uint8Array {
  assertSize(model);
  const inferred = model.clone();
  inferShapes(inferred);
  return encode(new GraphExporter(inferred).run(), modelTable, fileIdentifier);
}

function assertSize({ graph }: Model): void {
  let bytes = 0;
  for (const { constant } of graph.constants) if (constant !== null) bytes += 4 * elementCount(constant.dims);
  if (bytes <= maxWeightBytes) return;
  throw new UnsupportedError({
    what: `The weights take up to ${bytes} bytes; a .tflite file is written up to 2 GiB.`,
    where: `graph "${graph.name}"`,
    fix: 'Write .espalier.',
  });
}
