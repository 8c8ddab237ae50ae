import type { Graph, Value } from '@espalier/core';
import { bothOrders, madeBy, scalarOf, withScalar } from './match.js';

/** A value seen as `factor * value`. */
export interface Scaled {
  readonly value: Value;
  readonly factor: number;
}

/** The value itself, and what it is a multiple of, through Mul and Div by numbers. */
export function* multiplesOf(graph: Graph, value: Value): Generator<Scaled> {
  let scaled: Scaled = { value, factor: 1 };
  for (;;) {
    yield scaled;
    const next = unscale(graph, scaled.value);
    if (next === null) return;
    scaled = { value: next.value, factor: scaled.factor * next.factor };
  }
}

function unscale(graph: Graph, value: Value): Scaled | null {
  const node = madeBy(graph, value, 'Mul', 'Div');
  if (node === null) return null;
  if (node.op === 'Mul') {
    const product = withScalar(node);
    return product === null ? null : { value: product.value, factor: product.scalar };
  }
  const divisor = scalarOf(node.inputs[1]);
  const [dividend] = node.inputs;
  return divisor === null || dividend == null ? null : { value: dividend, factor: 1 / divisor };
}

/** How a value follows from the product of others: `value = factor * factors[0] * factors[1] …`. */
export function factorOver(graph: Graph, value: Value, factors: readonly Value[]): number | null {
  if (factors.length === 1 && value === factors[0]) return 1;
  const scaled = unscale(graph, value);
  if (scaled !== null) {
    const rest = factorOver(graph, scaled.value, factors);
    if (rest !== null) return rest * scaled.factor;
  }
  const node = factors.length > 1 ? madeBy(graph, value, 'Mul') : null;
  if (node === null) return null;
  for (const [a, b] of bothOrders(node)) {
    // One factor in `a`, the others in `b`: any of them may be the one.
    for (const [i, factor] of factors.entries()) {
      const first = factorOver(graph, a, [factor]);
      const others = first === null ? null : factorOver(graph, b, factors.toSpliced(i, 1));
      if (first !== null && others !== null) return first * others;
    }
  }
  return null;
}

/** All values that are multiplied into one, through Mul and Div, without numbers. */
export function factorsOf(graph: Graph, value: Value, depth = 4): readonly Value[] {
  const node = depth === 0 ? null : madeBy(graph, value, 'Mul', 'Div');
  if (node === null) return [value];
  const operands = node.op === 'Div' ? node.inputs.slice(0, 1) : node.inputs;
  const found = operands.flatMap((operand) =>
    operand == null || operand.constant !== null ? [] : [operand, ...factorsOf(graph, operand, depth - 1)],
  );
  return [...new Set(found)];
}
