import {
  type ActivationRange,
  DataError,
  type Model,
  type Observer,
  type PassContext,
  toFloat32,
} from '@espalier/core';
import type { CalibrationSource } from '../calibration-source.js';
import { extremesOf } from '../calibrators/extremes.js';
import { InputVariety } from './input-variety.js';

/** Makes the observer of one value, by its name. */
export type MakeObserver = (name: string) => Observer;

/** What is run, and how much of it. */
export interface CalibrationRun {
  readonly samples: number;
  readonly batchSize: number;
}

/**
 * Runs the model on calibration data and measures the range of some of its values, by name. One batch of activations is
 * held at a time.
 *
 * @throws {DataError} when the data make an activation that is no finite number, or are one number all over
 */
export async function calibrate(
  model: Model,
  names: ReadonlySet<string>,
  makeObserver: MakeObserver,
  { executor, calibration }: CalibrationSource,
  { options, progress, log }: PassContext<CalibrationRun>,
): Promise<ReadonlyMap<string, ActivationRange>> {
  const observers = new Map([...names].map((name) => [name, makeObserver(name)]));
  const see = (name: string, values: () => Float32Array): void => {
    const observer = observers.get(name);
    if (observer !== undefined) watch(observer, values(), name, calibration.name);
  };
  const variety = new InputVariety();
  const execution = await executor.prepare(model);
  const total = Math.min(options.samples, calibration.count);
  let done = 0;
  try {
    for await (const { feeds, count } of calibration.batches(options.batchSize, total)) {
      variety.see(feeds);
      for (const [name, tensor] of Object.entries(feeds)) see(name, () => toFloat32(tensor));
      await execution.run(feeds, (value, tensor) => see(value.name, () => toFloat32(tensor)), names);
      done += count;
      await progress(Math.min(done, total), total, 'calibrating');
    }
  } finally {
    execution.dispose();
  }
  variety.check(calibration.name, log);
  return rangesOf(observers);
}

function watch(observer: Observer, values: Float32Array, name: string, data: string): void {
  if (values.length === 0) return;
  const extremes = extremesOf(values);
  if (extremes !== null) {
    observer.see(values, extremes);
    return;
  }
  throw new DataError({
    what: `The activation "${name}" is not finite on the calibration data.`,
    where: data,
    fix: 'Look for broken samples, and check layout, mean and deviation of the inputs.',
  });
}

function rangesOf(observers: ReadonlyMap<string, Observer>): ReadonlyMap<string, ActivationRange> {
  const ranges = new Map<string, ActivationRange>();
  for (const [name, observer] of observers) {
    // An activation without elements has no range; any grid will do.
    ranges.set(name, observer.range() ?? { min: 0, max: 0 });
  }
  return ranges;
}
