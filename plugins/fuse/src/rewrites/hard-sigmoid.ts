import { float, type Graph, type Value } from '@espalier/core';
import { clipLimits, isNear, madeBy, sameFloatShape, withScalar } from '../match.js';
import { multiplesOf } from '../products.js';
import type { Rewrite } from '../rewrite.js';

/** max(0, min(1, alpha * x + beta)) */
export interface Gate {
  readonly x: Value;
  readonly alpha: number;
  readonly beta: number;
  /** The value is this many times the gate. */
  readonly factor: number;
}

/**
 * The ways to see a value as a multiple of a hard sigmoid: Clip(alpha * x + beta, 0, top), which is top
 * times the gate of alpha / top and beta / top.
 */
export function* gatesOf(graph: Graph, value: Value): Generator<Gate> {
  const hard = madeBy(graph, value, 'HardSigmoid');
  const x = hard?.inputs[0];
  if (hard !== null && x != null) {
    const { attributes } = hard;
    yield { x, alpha: attributes.float('alpha', 0.2), beta: attributes.float('beta', 0.5), factor: 1 };
  }
  const clip = madeBy(graph, value, 'Clip');
  const limits = clip === null ? null : clipLimits(clip);
  const add = madeBy(graph, clip?.inputs[0], 'Add');
  const sum = add === null ? null : withScalar(add);
  if (limits === null || sum === null || limits.min !== 0 || !(limits.max > 0) || limits.max > 1e6) return;
  const top = limits.max;
  // The innermost multiple first: its factors become the slope.
  for (const { value: inner, factor } of [...multiplesOf(graph, sum.value)].reverse()) {
    yield { x: inner, alpha: factor / top, beta: sum.scalar / top, factor: top };
  }
}

export const hardSigmoid: Rewrite = {
  name: 'hard-sigmoid',
  about: 'Clip(x + 3, 0, 6) / 6 and Clip(a * x + b, 0, 1) become HardSigmoid.',
  ops: ['Mul', 'Div', 'Clip'],
  apply(node, { graph }) {
    const [output] = node.outputs;
    if (output == null) return false;
    for (const scaled of multiplesOf(graph, output)) {
      for (const gate of gatesOf(graph, scaled.value)) {
        // Its slope must be one that exporters mean as a hard sigmoid: plain clamps stay clamps.
        const whole = isNear(gate.factor * scaled.factor, 1) && isNear(gate.beta, 0.5) && gate.alpha > 0;
        if (!whole || !sameFloatShape(gate.x, output) || madeBy(graph, output, 'HardSigmoid')) continue;
        graph.replaceNode(node, {
          op: 'HardSigmoid',
          inputs: [gate.x],
          attributes: { alpha: float(gate.alpha), beta: float(gate.beta) },
        });
        return true;
      }
    }
    return false;
  },
};
