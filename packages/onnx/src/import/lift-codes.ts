import type { Graph, Node, Value, ValueType } from '@espalier/core';
import { nameOfCodes } from '../codes-name.js';
import { movers } from '../movers.js';
import { rawName } from '../raw-name.js';

/**
 * Lets what moves codes between quantized operators move reals, which are made codes behind it: the same codes, and a value
 * on a grid instead of integers that nobody knows the meaning of.
 */
export function liftCodes(graph: Graph): void {
  // The list changes while it is walked.
  for (const node of [...graph.nodes]) {
    const codes = node.inputs[0];
    const quantize = graph.producer(codes);
    if (codes == null || quantize?.op !== 'QuantizeLinear' || !isMover(node)) continue;
    const [, scale, zero] = quantize.inputs;
    if (scale?.constant == null || scale.constant.dims.length > 1 || (zero != null && zero.constant === null))
      continue;
    if (scale.constant.decode().size !== 1) continue;
    const grid = [scale, ...(zero == null ? [] : [zero])];
    const reals = graph.apply(
      { op: 'DequantizeLinear', inputs: [codes, ...grid] },
      realsName(graph, codes.name),
      realsLike(codes),
    );
    const { op, name, attributes } = node;
    const moved = graph.apply(
      { op, name, attributes, inputs: [reals, ...node.inputs.slice(1)] },
      realsName(graph, node.outputs[0]?.name ?? ''),
      realsLike(node.outputs[0]),
    );
    graph.replaceNode(node, { op: 'QuantizeLinear', inputs: [moved, ...grid] });
  }
}

function isMover({ op, domain, outputs }: Node): boolean {
  return domain === '' && movers.has(op) && outputs.slice(1).every((output) => output === null);
}

function realsLike(codes: Value | null | undefined): ValueType {
  return { dtype: 'float32', dims: codes?.type?.dims ?? null };
}

/** Pairs that are folded take the name without "_raw". */
function realsName(graph: Graph, codes: string): string {
  const name = nameOfCodes(codes);
  return graph.value(name) === undefined ? name : rawName(name);
}
