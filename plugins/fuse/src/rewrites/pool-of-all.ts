import type { Node } from '@espalier/core';
import type { Rewrite } from '../rewrite.js';

export const poolOfAll: Rewrite = {
  name: 'pool-of-all',
  about: 'An AveragePool whose one window is the whole image becomes GlobalAveragePool.',
  ops: ['AveragePool'],
  apply(node, { graph }) {
    const [x] = node.inputs;
    // Of codes: a rule of TensorFlow Lite rounds the one as a pool, the other as a mean.
    const isQuantized = [x, ...node.outputs].some((value) => value?.type?.quantization !== undefined);
    if (x == null || isQuantized || !isWhole(node, x.type?.dims?.slice(2))) return false;
    graph.replaceNode(node, { op: 'GlobalAveragePool', inputs: [x] });
    return true;
  },
};

function isWhole({ attributes }: Node, sizes: readonly (number | string)[] | undefined): boolean {
  const kernel = attributes.ints('kernel_shape') ?? [];
  const mode = attributes.string('auto_pad', 'NOTSET');
  const pads = mode === 'NOTSET' ? (attributes.ints('pads') ?? []) : [];
  const isPadded = pads.some((pad) => pad !== 0) || mode.startsWith('SAME');
  return !isPadded && sizes?.length === kernel.length && kernel.every((size, axis) => size === sizes[axis]);
}
