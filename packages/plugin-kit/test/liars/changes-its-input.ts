import { dense } from '@espalier/core';
import { mapped, passOf, plainWeights } from './pass-of.js';

/** Writes into what decode() gives: the array that the caller's model has too. */
export const changesItsInput = passOf('changes-its-input', async (model, { progress }) => {
  const weights = plainWeights(model);
  let modified = false;
  for (const [i, weight] of weights.entries()) {
    const data = weight.decode().data as Float32Array;
    if (data.some((value) => Math.abs(value) > 0.5)) {
      for (let k = 0; k < data.length; k++) data[k] = Math.min(0.5, Math.max(-0.5, data[k] ?? 0));
      model.replaceWeight(weight, dense(mapped(weight.decode(), (value) => value)));
      modified = true;
    }
    await progress(i + 1, weights.length);
  }
  return { modified };
});
