import { type Graph, type Node, sameQuantization, toNumbers, type Value } from '@espalier/core';

/** Bounds of an activation that is a clamp: Relu, Relu6, Clip. */
export interface Clamp {
  readonly low: number;
  readonly high: number;
}

export const noClamp: Clamp = Object.freeze({ low: -Infinity, high: Infinity });

/** An activation that can be computed with the node before it. */
export interface FusedClamp {
  readonly clamp: Clamp;
  /** The Relu or Clip. */
  readonly node: Node;
}

/**
 * The clamp behind a node, where nobody else sees the value between them.
 *
 * A quantized value in between must be on the same grid as the result: then clamping codes gives the
 * same codes, since quantizing keeps order. On another grid the value between would be rounded twice.
 */
export function clampAfter(graph: Graph, node: Node): FusedClamp | null {
  const between = node.outputs[0];
  if (between == null || node.outputs.slice(1).some((output) => output !== null)) return null;
  const [use, ...others] = graph.uses(between);
  if (use === undefined || others.length > 0 || use.kind !== 'input' || use.index !== 0) return null;
  const clamp = clampOf(use.node);
  if (clamp === null || !keepsGrid(between, use.node.outputs[0])) return null;
  return { clamp, node: use.node };
}

function keepsGrid(between: Value, result: Value | null | undefined): boolean {
  const grid = between.type?.quantization;
  return grid === undefined || sameQuantization(grid, result?.type?.quantization);
}

/** The bounds of a Relu or of a Clip with constant bounds; null for every other node. */
export function clampOf(node: Node): Clamp | null {
  if (node.domain !== '') return null;
  if (node.op === 'Relu') return { low: 0, high: Infinity };
  if (node.op !== 'Clip') return null;
  const low = boundOf(node.inputs[1], -Infinity);
  const high = boundOf(node.inputs[2], Infinity);
  if (low === null || high === null) return null;
  // ONNX: where the least is above the greatest, every element becomes the greatest.
  return { low: Math.min(low, high), high };
}

function boundOf(value: Value | null | undefined, absent: number): number | null {
  if (value == null) return absent;
  if (value.constant === null || value.constant.type !== 'float32') return null;
  const bounds = toNumbers(value.constant.decode());
  return bounds.length === 1 && !Number.isNaN(bounds[0]) ? (bounds[0] ?? null) : null;
}
