import { dense } from '@espalier/core';
import { mapped, passOf, plainWeights } from './pass-of.js';

/** Rounds more finely where there is a document. */
export const differsInAPage = passOf('differs-in-a-page', async (model, { progress }) => {
  const steps = 'document' in globalThis ? 16 : 8;
  const weights = plainWeights(model);
  for (const [i, weight] of weights.entries()) {
    model.replaceWeight(weight, dense(mapped(weight.decode(), (value) => Math.round(value * steps) / steps)));
    await progress(i + 1, weights.length);
  }
  return { modified: weights.length > 0 };
});
