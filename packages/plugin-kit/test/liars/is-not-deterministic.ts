import { dense } from '@espalier/core';
import { mapped, passOf, plainWeights } from './pass-of.js';

/** Dithers with randomness that no seed controls. */
export const isNotDeterministic = passOf('is-not-deterministic', async (model, { progress }) => {
  const weights = plainWeights(model);
  for (const [i, weight] of weights.entries()) {
    const noisy = mapped(weight.decode(), (value) => (value === 0 ? 0 : value + Math.random() / 1000));
    model.replaceWeight(weight, dense(noisy));
    await progress(i + 1, weights.length);
  }
  return { modified: weights.length > 0 };
});
