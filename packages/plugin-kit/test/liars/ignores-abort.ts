import { dense } from '@espalier/core';
import { mapped, passOf, plainWeights } from './pass-of.js';

/** Swallows what progress() throws, and goes on. */
export const ignoresAbort = passOf('ignores-abort', async (model, { progress }) => {
  const weights = plainWeights(model);
  let modified = false;
  for (const [i, weight] of weights.entries()) {
    const rounded = mapped(weight.decode(), (value) => Math.fround(Math.round(value * 64) / 64));
    if (rounded.data.some((value, k) => !Object.is(value, weight.decode().data[k]))) {
      model.replaceWeight(weight, dense(rounded));
      modified = true;
    }
    await progress(i + 1, weights.length).catch(() => {});
  }
  return { modified };
});
