import { requireInRange, requireWhole } from '../require-in-range.js';

/** Where a run is: steps done, and to do in all. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly epochs: number;
}

/** The factor of the learning rate at a place of a run. */
export type Schedule = (progress: Progress) => number;

/** The learning rate as it is. */
export function constant(): Schedule {
  return () => 1;
}

/**
 * Multiplies by `factor` every so many epochs.
 *
 * @throws {OptionsError} when `every` is no whole number from 1 on, or `factor` is not in 0 ... 1
 */
export function stepDecay({ every, factor }: { readonly every: number; readonly factor: number }): Schedule {
  requireWhole('every', every, 1);
  requireInRange('factor', factor, { above: 0, max: 1 });
  return ({ epoch }) => {
    let result = 1;
    for (let i = 0; i < Math.floor(epoch / every); i++) result *= factor;
    return result;
  };
}

/**
 * From 1 down to `floor` along half a cosine.
 *
 * @throws {OptionsError} when `floor` is not in 0 ... 1
 * @see Loshchilov and Hutter 2017 (arXiv:1608.03983), equation 5, one period
 */
export function cosine({ floor = 0 }: { readonly floor?: number } = {}): Schedule {
  requireInRange('floor', floor, { min: 0, max: 1 });
  return ({ step, steps }) => floor + ((1 - floor) * (1 + cosineOfPi(step / steps))) / 2;
}

/**
 * Rises along a line over the first steps, then follows another schedule.
 *
 * @param steps - how many
 * @throws {OptionsError} when `steps` is no whole number from 0 on
 */
export function warmup(steps: number, then: Schedule = constant()): Schedule {
  requireWhole('steps', steps, 0);
  return (progress) => {
    if (progress.step < steps) return (progress.step + 1) / (steps + 1);
    return then({ ...progress, step: progress.step - steps, steps: Math.max(progress.steps - steps, 1) });
  };
}

/**
 * cos(pi x) for 0 <= x <= 1, by its series around 1/2: engines may give other last bits for `Math.cos`, and a run would
 * not have the same bytes everywhere. Error below 1e-12.
 */
export function cosineOfPi(x: number): number {
  const z = Math.PI * (0.5 - x);
  let term = z;
  let sum = z;
  for (let n = 1; n < 10; n++) {
    term *= (-z * z) / (2 * n * (2 * n + 1));
    sum += term;
  }
  return sum;
}
