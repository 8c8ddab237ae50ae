import { isNear, sameFloatShape } from '../match.js';
import { factorOver, factorsOf } from '../products.js';
import type { Rewrite } from '../rewrite.js';
import { gatesOf } from './hard-sigmoid.js';

/** HardSwish is x * max(0, min(1, x / 6 + 1 / 2)), by ONNX HardSwish, opset 22. */
export const hardSwish: Rewrite = {
  name: 'hard-swish',
  about: 'x * Clip(x + 3, 0, 6) / 6 in any order, and x * HardSigmoid(x), become HardSwish.',
  ops: ['Mul', 'Div'],
  apply(node, { graph }) {
    const [output] = node.outputs;
    if (output == null) return false;
    for (const factor of factorsOf(graph, output)) {
      for (const { x, alpha, beta, factor: top } of gatesOf(graph, factor)) {
        if (!isNear(alpha, 1 / 6) || !isNear(beta, 0.5) || !sameFloatShape(x, output)) continue;
        const scale = factorOver(graph, output, [x, factor]);
        if (scale === null || !isNear(scale * top, 1)) continue;
        graph.replaceNode(node, { op: 'HardSwish', inputs: [x] });
        return true;
      }
    }
    return false;
  },
};
