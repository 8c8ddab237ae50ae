import { float } from '@espalier/core';
import { isNear, madeBy, sameFloatShape } from '../match.js';
import { factorOver, factorsOf, multiplesOf } from '../products.js';
import type { Rewrite } from '../rewrite.js';

/** Swish is x * sigmoid(alpha * x): ONNX Swish, opset 24; SiLU is its alpha of 1. */
export const swish: Rewrite = {
  name: 'swish',
  about: 'x * Sigmoid(x), and x * Sigmoid(a * x), become Swish.',
  ops: ['Mul'],
  apply(node, { graph }) {
    const [output] = node.outputs;
    if (output == null) return false;
    for (const factor of factorsOf(graph, output)) {
      const gate = madeBy(graph, factor, 'Sigmoid');
      if (gate?.inputs[0] == null) continue;
      for (const { value: x, factor: alpha } of multiplesOf(graph, gate.inputs[0])) {
        const scale = sameFloatShape(x, output) ? factorOver(graph, output, [x, factor]) : null;
        if (scale === null || !isNear(scale, 1)) continue;
        graph.replaceNode(node, { op: 'Swish', inputs: [x], attributes: { alpha: float(alpha) } });
        return true;
      }
    }
    return false;
  },
};
