import { dense } from '@espalier/core';
import { mapped, passOf } from './pass-of.js';

/** Says that it preserves sparsity, and moves every weight, the zeros too. */
export const losesTheMask = passOf(
  'loses-the-mask',
  async (model, { progress }) => {
    const weights = model.weights().filter(({ encoding }) => encoding.kind === 'sparse');
    for (const [i, weight] of weights.entries()) {
      model.replaceWeight(weight, dense(mapped(weight.decode(), (value) => value + 0.125)));
      await progress(i + 1, weights.length);
    }
    return { modified: weights.length > 0 };
  },
  { preserves: ['sparsity'], breaks: ['codebook'] },
);
