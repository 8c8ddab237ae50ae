import { type Node, toNumbers, type Value } from '@espalier/core';
import { bypass } from '../bypass.js';
import { clipLimits, listOf, scalarOf } from '../match.js';
import type { Rewrite, RewriteContext } from '../rewrite.js';

type HandsOn = (node: Node, context: RewriteContext) => boolean;

/** Which operators hand on their first input, and when. */
const rules: Readonly<Record<string, HandsOn>> = {
  Identity: () => true,
  Dropout: dropsNothing,
  Cast: ({ inputs, outputs }) => inputs[0]?.type != null && inputs[0].type.dtype === outputs[0]?.type?.dtype,
  Reshape: keepsShape,
  Flatten: keepsShape,
  Squeeze: keepsShape,
  Unsqueeze: keepsShape,
  Expand: keepsShape,
  Transpose: (node) => node.attributes.ints('perm')?.every((axis, i) => axis === i) ?? false,
  Tile: ({ inputs }) => isAll(inputs[1], 1),
  Pad: ({ inputs }) => isAll(inputs[1], 0),
  Concat: isAlone,
  Sum: isAlone,
  Mean: isAlone,
  Max: isAlone,
  Min: isAlone,
  Clip: (node) => {
    const limits = clipLimits(node);
    return limits !== null && limits.min === -Infinity && limits.max === Infinity;
  },
  Div: (node) => scalarOf(node.inputs[1]) === 1 && keepsType(node),
  Sub: (node) => scalarOf(node.inputs[1]) === 0 && keepsType(node),
  Pow: (node) => scalarOf(node.inputs[1]) === 1 && keepsType(node),
};

/** At inference it keeps all; only its mask would still be wanted. */
function dropsNothing({ inputs, outputs }: Node, { graph }: RewriteContext): boolean {
  const training = inputs[2];
  if (training != null && scalarOf(training) !== 0) return false;
  return outputs.slice(1).every((output) => graph.uses(output).size === 0);
}

function isAlone({ inputs }: Node): boolean {
  return inputs.length === 1;
}

function isAll(value: Value | null | undefined, wanted: number): boolean {
  return listOf(value)?.every((number) => number === wanted) ?? false;
}

/** Operators that move no element, and give the shape they were given. */
function keepsShape({ inputs, outputs }: Node): boolean {
  const [before, after] = [inputs[0]?.type?.dims, outputs[0]?.type?.dims];
  if (before == null || after == null || before.length !== after.length) return false;
  return before.every((dim, i) => dim === after[i] && dim !== '?');
}

/** A constant of one element may still raise the rank. */
function keepsType({ inputs, outputs }: Node): boolean {
  const [before, after] = [inputs[0]?.type, outputs[0]?.type];
  return before?.dims != null && before.dims.length === after?.dims?.length && before.dtype === after.dtype;
}

export const dropNoOps: Rewrite = {
  name: 'drop-no-ops',
  about: 'Identity, Dropout, Cast to the same type, Reshape to the same shape, x / 1 and their like go.',
  ops: Object.keys(rules),
  apply: (node, context) => (rules[node.op]?.(node, context) ?? false) && bypass(context.graph, node),
};

/** Mul and Add commute: the neutral element may stand on either side. */
export const dropNeutral: Rewrite = {
  name: 'drop-neutral',
  about: 'x * 1 and x + 0 go.',
  ops: ['Mul', 'Add'],
  apply(node, { graph }) {
    const neutral = node.op === 'Mul' ? 1 : 0;
    for (const [index, input] of node.inputs.entries()) {
      const other = node.inputs[1 - index];
      if (input?.constant == null || other == null || !isNeutral(input, neutral)) continue;
      const [before, after] = [other.type?.dims, node.outputs[0]?.type?.dims];
      if (before == null || after == null || before.length !== after.length) continue;
      // A constant of more than one element could broadcast the other one up.
      if (!before.every((dim, i) => dim === after[i] && (dim !== '?' || scalarOf(input) !== null))) continue;
      if (bypass(graph, node, other)) return true;
    }
    return false;
  },
};

function isNeutral({ constant }: Value, neutral: number): boolean {
  // Decoding a large weight to look for zeros costs more than it finds.
  if (constant === null || constant.dims.reduce((a, b) => a * b, 1) > 4096) return false;
  return Array.from(toNumbers(constant.decode())).every((number) => number === neutral);
}
