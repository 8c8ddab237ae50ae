import type { Calibrator } from '@espalier/core';
import type { Clause } from '../clause.js';
import { bell, extremesOf, rangeOf, settings, show } from './observations.js';

/** One observer an activation, all at once; the values are lent, and overwritten after the call. */
export const observersShareNothing: Clause<Calibrator> = {
  name: 'observers-share-nothing',
  promise: 'an observer keeps and changes no values that it is lent, and shares nothing with another',
  fix: 'Copy what you keep; leave `values` as they are; give each observer its own state.',
  breach(calibrator) {
    const batches = bell([50, 50, 50]);
    const alone = show(rangeOf(calibrator, batches));
    const [one, other] = [calibrator.observe(settings), calibrator.observe(settings)];
    for (const batch of batches) {
      const lent = batch.slice();
      one.see(lent, extremesOf(batch));
      if (!lent.every((value, i) => value === batch[i])) return 'it changed the values it was lent';
      other.see(Float32Array.of(1000), { min: 1000, max: 1000 });
    }
    const beside = show(one.range());
    if (beside !== alone)
      return `it says ${alone} where its values are overwritten after each call, and ${beside} where they are not and another observer sees others`;
    const again = show(one.range());
    return again === beside ? null : `asked twice it says ${beside} and ${again}`;
  },
};
