import { type Calibrator, nearest, OptionsError } from '@espalier/core';
import { entropy } from './entropy.js';
import { meanSquaredError } from './mean-squared-error.js';
import { minMax } from './min-max.js';
import { movingAverage } from './moving-average.js';
import { percentile } from './percentile.js';

/** The calibrators that come with this plugin. */
export const ownCalibrators: readonly Calibrator[] = [
  minMax,
  movingAverage,
  percentile,
  entropy,
  meanSquaredError,
];

/** A calibrator by name. @throws {OptionsError} with the names there are */
export function calibratorNamed(registered: readonly Calibrator[], name: string): Calibrator {
  const found = registered.find((calibrator) => calibrator.name === name);
  if (found !== undefined) return found;
  const names = registered.map((calibrator) => calibrator.name);
  const guess = nearest(name, names);
  throw new OptionsError({
    what: `There is no calibrator "${name}".`,
    where: 'quantize.observer',
    fix: `${guess === null ? '' : `Did you mean "${guess}"? `}Known: ${names.join(', ')}.`,
  });
}
