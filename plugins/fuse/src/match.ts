import { type Graph, isFloat, type Node, toNumbers, type Value } from '@espalier/core';

/**
 * The node that computes a value in the middle of a pattern, where it is one of `ops`. A quantized value
 * is rounded: no pattern reaches over it.
 */
export function madeBy(
  graph: Graph,
  value: Value | null | undefined,
  ...ops: readonly string[]
): Node | null {
  const node = graph.producer(value);
  if (node === undefined || node.domain !== '' || !ops.includes(node.op)) return null;
  return value?.type?.quantization === undefined ? node : null;
}

/** The number that a constant of one element is; null for anything else. */
export function scalarOf(value: Value | null | undefined): number | null {
  const encoding = value?.constant;
  if (encoding == null || encoding.dims.some((dim) => dim !== 1)) return null;
  return toNumbers(encoding.decode())[0] ?? null;
}

/** Whether two numbers are the same but for the float32 rounding of a few operations. */
export function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.abs(b);
}

/** The two operands of a commutative operator, in both orders. */
export function* bothOrders(node: Node): Generator<readonly [Value, Value]> {
  const [a, b] = node.inputs;
  if (a == null || b == null) return;
  yield [a, b];
  yield [b, a];
}

/** A number and a value that a commutative operator combines; null where neither operand is a number. */
export function withScalar(node: Node): { readonly scalar: number; readonly value: Value } | null {
  for (const [constant, value] of bothOrders(node)) {
    const scalar = scalarOf(constant);
    if (scalar !== null && value.constant === null) return { scalar, value };
  }
  return null;
}

/**
 * Whether both are floats of one rank: then constants of one element between them changed no shape.
 */
export function sameFloatShape(a: Value | null | undefined, b: Value | null | undefined): boolean {
  const [x, y] = [a?.type, b?.type];
  if (x?.dims == null || y?.dims == null || !isFloat(x.dtype)) return false;
  return x.dtype === y.dtype && x.dims.length === y.dims.length;
}

/** The limits of a Clip; infinite where left out, null where one is computed. */
export function clipLimits({ inputs }: Node): { readonly min: number; readonly max: number } | null {
  const [, low, high] = inputs;
  const min = low == null ? -Infinity : scalarOf(low);
  const max = high == null ? Infinity : scalarOf(high);
  return min === null || max === null ? null : { min, max };
}

/** The numbers of a small constant, such as axes or pads; null where it is computed. */
export function listOf(value: Value | null | undefined): readonly number[] | null {
  return value?.constant == null ? null : Array.from(toNumbers(value.constant.decode()));
}
