import {
  bytesPerElement,
  type Encoding,
  elementCount,
  type Node,
  staticDims,
  type Tensor,
} from '@espalier/core';
import type { Rewrite, RewriteContext } from '../rewrite.js';

/** Their results differ from run to run, or are larger by design. */
const neverFolded = new Set([
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Bernoulli',
  'Multinomial',
  'QuantizeLinear',
  'DequantizeLinear',
]);

export const foldConstants: Rewrite = {
  name: 'fold-constants',
  about: 'A node over constants becomes its result, unless that makes the file much larger.',
  ops: null,
  apply(node, context) {
    const { graph } = context;
    if (node.domain !== '' || neverFolded.has(node.op)) return false;
    if (node.outputs.some((output) => graph.isOutput(output) || output?.type?.quantization !== undefined))
      return false;
    const encodings = node.inputs.map((input) => (input === null ? null : input.constant));
    if (node.inputs.some((input, i) => input !== null && !isPlain(encodings[i]))) return false;
    if (expectedGrowth(node, context) > context.maxGrowthBytes) return false;
    const results = context.evaluate(
      node,
      encodings.map((encoding) => encoding?.decode() ?? null),
    );
    if (results === null || growth(node, results, context) > context.maxGrowthBytes) return false;
    return replace(node, results, context);
  },
};

/** What is sparse, shared or quantized must stay so: its result would be plain. */
function isPlain(encoding: Encoding | null | undefined): boolean {
  return encoding?.kind === 'dense';
}

/** What the file loses: constants that nobody else reads. */
function freedBytes(node: Node, { graph }: RewriteContext): number {
  let bytes = 0;
  for (const input of new Set(node.inputs)) {
    const ownUses = node.inputs.filter((other) => other === input).length;
    if (input?.constant != null && graph.uses(input).size === ownUses) bytes += input.constant.byteLength;
  }
  return bytes;
}

/**
 * The growth that the types tell: an Expand to a million elements need not be computed first. A result
 * of unknown size is never computed.
 */
function expectedGrowth(node: Node, context: RewriteContext): number {
  let bytes = 0;
  for (const output of node.outputs) {
    if (output === null) continue;
    const dims = staticDims(output.type);
    if (dims === null || output.type === null) return Infinity;
    bytes += elementCount(dims) * bytesPerElement(output.type.dtype);
  }
  return bytes - freedBytes(node, context);
}

function growth(node: Node, results: readonly (Tensor | null)[], context: RewriteContext): number {
  const bytes = results.reduce((sum, tensor) => sum + (tensor?.data.byteLength ?? 0), 0);
  return bytes - freedBytes(node, context);
}

function replace(node: Node, results: readonly (Tensor | null)[], { graph }: RewriteContext): boolean {
  const isWanted = (index: number): boolean => graph.uses(node.outputs[index]).size > 0;
  if (node.outputs.some((_, i) => isWanted(i) && results[i] == null)) return false;
  const named = node.outputs.flatMap((output, i) => {
    const tensor = results[i];
    if (output == null || tensor == null || !isWanted(i)) return [];
    const value = graph.constant(tensor, `${output.name}_folded`);
    graph.replaceAllUses(output, value);
    return [{ value, name: output.name }];
  });
  graph.remove(node);
  for (const { value, name } of named) graph.rename(value, name);
  return true;
}
