import type { Calibrator } from '@espalier/core';
import type { Clause } from '../clause.js';
import { bell, rangeOf, show } from './observations.js';

/** Only of those that say so: averages of batches depend on how samples are dealt out to them. */
export const batchesDoNotMatter: Clause<Calibrator> = {
  name: 'batches-do-not-matter',
  promise: 'where it says so, its range is the same however values are cut into batches, in any order',
  fix: 'Leave out `batchInvariant`, so that users know that the batch size is a setting.',
  breach(calibrator) {
    if (calibrator.batchInvariant !== true) return null;
    const batches = bell([100, 1, 59, 200, 40]);
    const all = Float32Array.from(batches.flatMap((batch) => [...batch]));
    const whole = show(rangeOf(calibrator, [all]));
    const cuts = [batches, [...batches].reverse(), [...all].map((value) => Float32Array.of(value))];
    const other = cuts.map((cut) => show(rangeOf(calibrator, cut))).find((range) => range !== whole);
    return other === undefined ? null : `in one batch it says ${whole}, in others ${other}`;
  },
};
