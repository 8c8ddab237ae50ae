import type { Calibrator } from '@espalier/core';
import type { Clause } from '../clause.js';
import { bell, extremesOf, rangeOf, settings, show } from './observations.js';

const awkward: Readonly<Record<string, readonly number[]>> = {
  'one value': [0.7],
  zeros: [0, 0, 0, 0],
  'minus zero': [-0, -0],
  'one value many times': new Array<number>(500).fill(3.25),
  'negative values': [-1, -2, -5, -3],
  'tiny values': [1e-40, -1e-42, 3e-41],
  'huge values': [3e38, -3e38, 1],
  'one far away': [...new Array<number>(999).fill(0.001), 1e6],
};

/** Scales are made of ranges: each is finite, the right way round, and no wider than what was seen. */
export const rangesAreSound: Clause<Calibrator> = {
  name: 'ranges-are-sound',
  promise: 'its ranges are finite, in order and within what was seen; none where nothing was seen',
  fix: 'Return null before the first see(); mind constant values, where the least is the greatest.',
  breach(calibrator) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(calibrator.name)) return `its name is "${calibrator.name}"`;
    if (calibrator.about.length < 10) return `it says "${calibrator.about}"`;
    const unseen = calibrator.observe(settings).range();
    if (unseen !== null) return `having seen nothing it says ${show(unseen)}`;
    const cases = Object.entries(awkward).map(
      ([name, values]) => [name, [Float32Array.from(values)]] as const,
    );
    for (const [name, batches] of [...cases, ['a bell', bell([64, 64])] as const]) {
      const range = rangeOf(calibrator, batches);
      if (range === null) return `it has no range for ${name}`;
      const { min, max } = extremesOf(Float32Array.from(batches.flatMap((batch) => [...batch])));
      // Histograms have edges between floats: half a bin of 2048 beside the extremes is no harm.
      const slack = (max - min) / 1024 + Math.abs(max) * 1e-6;
      const sound = Number.isFinite(range.min) && Number.isFinite(range.max) && range.min <= range.max;
      if (!sound || range.min < min - slack || range.max > max + slack)
        return `for ${name}, in [${min}, ${max}], it says ${show(range)}`;
    }
    return null;
  },
};
