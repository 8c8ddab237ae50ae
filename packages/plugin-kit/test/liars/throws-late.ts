import { dense, UnsupportedError } from '@espalier/core';
import { mapped, passOf, plainWeights } from './pass-of.js';

/** Finds out that it can't do a weight once it has done others. */
export const throwsLate = passOf('throws-late', async (model, { progress }) => {
  const weights = plainWeights(model);
  let modified = false;
  for (const [i, weight] of weights.entries()) {
    const tensor = weight.decode();
    if (tensor.data.some((value) => !Number.isFinite(Number(value))))
      throw new UnsupportedError({ what: `"${weight.name}" is not finite.`, fix: 'Mend the model.' });
    const halved = mapped(tensor, (value) => Math.fround(Math.round(value * 8) / 8));
    if (halved.data.some((value, k) => value !== tensor.data[k])) {
      model.replaceWeight(weight, dense(halved));
      modified = true;
    }
    await progress(i + 1, weights.length);
  }
  return { modified };
});
