import { type Graph, string, type Value } from '@espalier/core';
import { bothOrders, isNear, madeBy, sameFloatShape, scalarOf, withScalar } from '../match.js';
import { factorOver, factorsOf, multiplesOf } from '../products.js';
import type { Rewrite } from '../rewrite.js';

/** Gelu is x / 2 * (1 + erf(x / sqrt 2)), or its tanh form: ONNX Gelu, opset 20; arXiv:1606.08415. */
export const gelu: Rewrite = {
  name: 'gelu',
  about: 'x / 2 * (1 + Erf(x / sqrt 2)) in any order becomes Gelu, and so does its tanh approximation.',
  ops: ['Mul', 'Div'],
  apply(node, { graph }) {
    const [output] = node.outputs;
    if (output == null) return false;
    for (const factor of factorsOf(graph, output)) {
      for (const { x, approximate } of gatesOf(graph, factor)) {
        const scale = sameFloatShape(x, output) ? factorOver(graph, output, [x, factor]) : null;
        if (scale === null || !isNear(scale, 0.5)) continue;
        graph.replaceNode(node, {
          op: 'Gelu',
          inputs: [x],
          attributes: { approximate: string(approximate) },
        });
        return true;
      }
    }
    return false;
  },
};

interface Gate {
  readonly x: Value;
  readonly approximate: 'none' | 'tanh';
}

/** Exporters write these numbers with six digits or so. */
function isAbout(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-5 * Math.abs(b);
}

/** The ways to see a value as 1 + erf(x / sqrt 2), or 1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)). */
function* gatesOf(graph: Graph, value: Value): Generator<Gate> {
  const add = madeBy(graph, value, 'Add');
  const sum = add === null ? null : withScalar(add);
  if (sum === null || sum.scalar !== 1) return;
  const erf = madeBy(graph, sum.value, 'Erf');
  if (erf?.inputs[0] != null) {
    for (const { value: x, factor } of multiplesOf(graph, erf.inputs[0])) {
      if (isAbout(factor, Math.SQRT1_2)) yield { x, approximate: 'none' };
    }
  }
  const tanh = madeBy(graph, sum.value, 'Tanh');
  if (tanh?.inputs[0] == null) return;
  for (const { value: inner, factor } of multiplesOf(graph, tanh.inputs[0])) {
    const x = isAbout(factor, Math.sqrt(2 / Math.PI)) ? cubicOf(graph, inner) : null;
    if (x !== null) yield { x, approximate: 'tanh' };
  }
}

/** The x of x + 0.044715 * x^3. */
function cubicOf(graph: Graph, value: Value): Value | null {
  const add = madeBy(graph, value, 'Add');
  if (add === null) return null;
  for (const [x, cube] of bothOrders(add)) {
    const scale = factorOver(graph, cube, [x, x, x]) ?? powerScale(graph, cube, x);
    if (scale !== null && isAbout(scale, 0.044715)) return x;
  }
  return null;
}

function powerScale(graph: Graph, value: Value, x: Value): number | null {
  for (const { value: power, factor } of multiplesOf(graph, value)) {
    const node = madeBy(graph, power, 'Pow');
    if (node?.inputs[0] === x && scalarOf(node.inputs[1]) === 3) return factor;
  }
  return null;
}
