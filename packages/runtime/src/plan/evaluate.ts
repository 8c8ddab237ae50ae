import { EspalierError, type Node, type Tensor } from '@espalier/core';
import { fakeQuantize } from '../memory/grid.js';
import type { OperatorEntry } from '../operators/operator.js';

/** One node over tensors by its plain operator; null where it can't be computed, or fails. */
export function evaluateNode(
  node: Node,
  entry: OperatorEntry | undefined,
  inputs: readonly (Tensor | null)[],
): readonly (Tensor | null)[] | null {
  if (entry === undefined) return null;
  const outputs = node.outputs.map((output) => output !== null);
  try {
    const results = entry.run(inputs, { attributes: node.attributes, outputs, name: node.name });
    return results.map((tensor, index) => {
      const quantization = node.outputs[index]?.type?.quantization;
      return tensor === null || quantization === undefined ? tensor : fakeQuantize(tensor, quantization);
    });
  } catch (error) {
    // The node may never be reached: it fails where it runs, with its name.
    if (error instanceof EspalierError) return null;
    throw error;
  }
}
