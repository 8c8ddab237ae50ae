import { type Graph, type Node, tensorOf, type Value } from '@espalier/core';
import { bypass } from '../bypass.js';
import { clipLimits, madeBy } from '../match.js';
import type { Rewrite } from '../rewrite.js';

interface Range {
  readonly min: number;
  readonly max: number;
}

/** The results that an operator can have. */
function rangeOf(node: Node): Range | null {
  if (node.op === 'Relu') return { min: 0, max: Infinity };
  return node.op === 'Clip' ? clipLimits(node) : { min: 0, max: 1 };
}

export const mergeClamps: Rewrite = {
  name: 'merge-clamps',
  about: 'Relu and Clip in a row become one; a clamp that changes nothing goes; Clip from 0 becomes Relu.',
  ops: ['Relu', 'Clip'],
  apply(node, { graph }) {
    const own = rangeOf(node);
    const [input] = node.inputs;
    if (own === null || input == null || !isFloatValue(input)) return false;
    const before = madeBy(graph, input, 'Relu', 'Clip', 'Sigmoid', 'HardSigmoid', 'Softmax');
    const given = before === null ? null : rangeOf(before);
    // Clip with limits in the wrong order gives its maximum; such ones are left alone.
    if (before !== null && given !== null && given.min <= given.max && own.min <= own.max) {
      if (given.min >= own.min && given.max <= own.max && bypass(graph, node)) return true;
      const [source] = before.inputs;
      const clamps = before.op === 'Relu' || before.op === 'Clip';
      if (clamps && source != null && overlap(given, own)) {
        putClamp(graph, node, source, {
          min: Math.max(given.min, own.min),
          max: Math.min(given.max, own.max),
        });
        return true;
      }
    }
    if (node.op !== 'Clip' || own.min !== 0 || own.max < largestFloat) return false;
    putClamp(graph, node, input, { min: 0, max: Infinity });
    return true;
  },
};

/** Exporters write the largest float where they mean no limit. */
const largestFloat = 3.4028234663852886e38;

function isFloatValue(value: Value): boolean {
  return value.type?.dtype === 'float32';
}

function overlap(a: Range, b: Range): boolean {
  return Math.max(a.min, b.min) <= Math.min(a.max, b.max);
}

function putClamp(graph: Graph, node: Node, source: Value, { min, max }: Range): void {
  if (min === 0 && max >= largestFloat) {
    graph.replaceNode(node, { op: 'Relu', inputs: [source] });
    return;
  }
  const limit = (value: number, name: string): Value | null =>
    Number.isFinite(value) ? graph.constant(tensorOf('float32', [value], []), `${node.name}_${name}`) : null;
  graph.replaceNode(node, { op: 'Clip', inputs: [source, limit(min, 'min'), limit(max, 'max')] });
}
