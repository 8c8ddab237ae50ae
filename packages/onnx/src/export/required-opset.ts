import type { Node } from '@espalier/core';
import { operatorSignature } from '../operators.js';

/** The opset that is written where no operator needs a newer one. */
const baseOpset = 21;

interface Newer {
  readonly opset: number;
  when(node: Node): boolean;
}

function withInput(index: number): Newer['when'] {
  return (node) => node.inputs[index] != null;
}

function withAttribute(...names: readonly string[]): Newer['when'] {
  return (node) => names.some((name) => node.attributes.has(name));
}

/** What operators older than `newestOpset` got after `baseOpset`. */
const newer: Readonly<Record<string, readonly Newer[]>> = {
  Attention: [
    { opset: 24, when: withInput(6) },
    { opset: 25, when: withAttribute('left_window_size', 'right_window_size') },
  ],
  DequantizeLinear: [{ opset: 23, when: withAttribute('output_dtype') }],
  Range: [{ opset: 27, when: withAttribute('stash_type') }],
};

/** The oldest opset, not below `baseOpset`, in which every node means what the IR means. */
export function requiredOpset(nodes: readonly Node[]): number {
  let opset = baseOpset;
  for (const node of nodes) {
    opset = Math.max(opset, operatorSignature(node.op)?.[0] ?? 0);
    for (const change of newer[node.op] ?? []) if (change.when(node)) opset = Math.max(opset, change.opset);
  }
  return opset;
}

/** @see onnx/helper.py, VERSION_TABLE: which IR version came with which opset */
const irVersions: readonly (readonly [fromOpset: number, irVersion: number])[] = [
  [25, 13],
  [24, 12],
  [23, 11],
];

export function irVersionOf(opset: number): number {
  return irVersions.find(([from]) => opset >= from)?.[1] ?? 10;
}
