import { type Attributes, ints, Tensor, toNumbers } from '@espalier/core';

/** A call of an operator whose first input is given as it stands in memory. */
export interface OrderedCall {
  /** Those beside the first; the first is the caller's. */
  readonly inputs: readonly (Tensor | null)[];
  readonly attributes: Attributes;
}

type Rewrite = (
  inputs: readonly (Tensor | null)[],
  attributes: Attributes,
  axisInMemory: (axis: number) => number,
  rank: number,
) => OrderedCall;

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Puts axes that are an input, or all of them where it is left out, into memory order. */
function axesInput(
  index: number,
  count: (inputs: readonly (Tensor | null)[], rank: number) => number,
): Rewrite {
  return (inputs, attributes, axisInMemory, rank) => {
    const given = inputs[index];
    const axes = given == null ? range(count(inputs, rank)) : Array.from(toNumbers(given));
    const mapped = BigInt64Array.from(axes, (axis) => BigInt(axisInMemory(axis)));
    const all = Array.from({ length: Math.max(inputs.length, index + 1) }, (_, i) => inputs[i] ?? null);
    all[index] = new Tensor('int64', mapped);
    return { inputs: all, attributes };
  };
}

/** Operators that treat each axis by itself, and are told which by number. */
const rewrites: Readonly<Record<string, Rewrite>> = {
  Pad: axesInput(3, (_, rank) => rank),
  Resize: (inputs, attributes, axisInMemory, rank) => {
    const axes = attributes.ints('axes') ?? range(rank);
    return { inputs, attributes: attributes.with({ axes: ints(axes.map(axisInMemory)) }) };
  },
  Slice: axesInput(3, (inputs) => inputs[1]?.size ?? 0),
};

export const axisOperators: readonly string[] = Object.keys(rewrites);

/** The same call for an input that stands channels-last; null for operators that are not known to allow it. */
export function channelsLastCall(
  op: string,
  inputs: readonly (Tensor | null)[],
  attributes: Attributes,
  rank: number,
): OrderedCall | null {
  const rewrite = Object.hasOwn(rewrites, op) ? rewrites[op] : undefined;
  if (rewrite === undefined) return null;
  const axisInMemory = (axis: number): number => {
    const counted = axis < 0 ? axis + rank : axis;
    return counted === 0 ? 0 : counted === 1 ? rank - 1 : counted - 1;
  };
  return rewrite(inputs, attributes, axisInMemory, rank);
}
