import {
  type ChannelAffine,
  foldIntoLayerBefore,
  foldIntoLayerBehind,
  isFloat,
  type Node,
  toNumbers,
  type Value,
} from '@espalier/core';
import type { Rewrite } from '../rewrite.js';

export const foldIntoLayer: Rewrite = {
  name: 'fold-into-layer',
  about:
    'A constant that is added or multiplied, one for each channel, goes into the Conv or Gemm beside it.',
  ops: ['Add', 'Sub', 'Mul', 'Div'],
  apply(node, { graph }) {
    const read = readAffine(node);
    if (read === null) return false;
    const { input, affine } = read;
    if (foldIntoLayerBefore(graph, node, input, affine).kind === 'folded') return true;
    return foldIntoLayerBehind(graph, node, input, affine).kind === 'folded';
  },
};

type Arithmetic = (constant: number) => { readonly factor: number; readonly shift: number };

/** x on the left, the constant on the right. */
const left: Readonly<Record<string, Arithmetic>> = {
  Add: (c) => ({ factor: 1, shift: c }),
  Sub: (c) => ({ factor: 1, shift: -c }),
  Mul: (c) => ({ factor: c, shift: 0 }),
  Div: (c) => ({ factor: 1 / c, shift: 0 }),
};

/** The constant on the left. */
const right: Readonly<Record<string, Arithmetic>> = {
  Add: (c) => ({ factor: 1, shift: c }),
  Sub: (c) => ({ factor: -1, shift: c }),
  Mul: (c) => ({ factor: c, shift: 0 }),
};

/** The node as factor and shift for each channel of its other operand. */
export function readAffine(node: Node): { readonly input: Value; readonly affine: ChannelAffine } | null {
  const [a, b] = node.inputs;
  if (a == null || b == null || (a.constant === null) === (b.constant === null)) return null;
  const [input, constant, arithmetic] = b.constant === null ? [b, a, right[node.op]] : [a, b, left[node.op]];
  const numbers = perChannel(constant, node);
  if (
    arithmetic === undefined ||
    numbers === null ||
    input.type?.dims?.length !== node.outputs[0]?.type?.dims?.length
  )
    return null;
  const parts = numbers.map(arithmetic);
  const affine = {
    factor: Float64Array.from(parts, ({ factor }) => factor),
    shift: Float64Array.from(parts, ({ shift }) => shift),
  };
  const usable = affine.factor.every(Number.isFinite) && affine.shift.every(Number.isFinite);
  return usable ? { input, affine } : null;
}

/** The constant, where it has one element, or differs along axis 1 of the result only. */
function perChannel({ constant }: Value, node: Node): readonly number[] | null {
  const rank = node.outputs[0]?.type?.dims?.length;
  if (
    constant === null ||
    rank === undefined ||
    rank < 2 ||
    constant.dims.length > rank ||
    !isFloat(constant.type)
  )
    return null;
  const channelAxis = 1 - rank + constant.dims.length;
  if (!constant.dims.every((dim, axis) => dim === 1 || axis === channelAxis)) return null;
  return Array.from(toNumbers(constant.decode()));
}
