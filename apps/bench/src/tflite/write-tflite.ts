import type { Model } from '@espalier/core';
import { GraphWriter } from './graph-writer.js';

/**
 * Writes one of the benchmark's networks, float32 or int8, as a TensorFlow Lite file: NHWC inside, a Relu or
 * Clip fused into the operator before it, means and flattening as TensorFlow has them.
 *
 * @throws {RangeError} at an operator, padding or activation that the nine networks do not have
 */
export function writeTflite(model: Model): Uint8Array {
  return new GraphWriter(model).write();
}
