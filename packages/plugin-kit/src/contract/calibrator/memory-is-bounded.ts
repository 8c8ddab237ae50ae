// Node only: asks V8 to collect garbage, and how much is left.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Calibrator, Observer } from '@espalier/core';
import type { Clause } from '../clause.js';
import { extremesOf, settings } from './observations.js';

const batch = 2 ** 15;
const rounds = 96;
/** A third of what is fed: far above what collecting garbage leaves to chance, far below a copy of it. */
const limitBytes = (rounds * batch * 4) / 3;

/** Calibration data may be any number of images. */
export const memoryIsBounded: Clause<Calibrator> = {
  name: 'memory-is-bounded',
  promise: 'an observer takes the same memory however much it sees',
  fix: 'Keep counts in a histogram of a fixed number of bins, or running extremes; not the values.',
  breach(calibrator) {
    const observer = calibrator.observe(settings);
    feed(observer, 4);
    const before = bytesInUse();
    feed(observer, rounds);
    const kept = bytesInUse() - before;
    // Still in use, so that nothing of it was collected.
    if (observer.range() === null) return 'it has no range';
    if (kept < limitBytes) return null;
    return `of ${(rounds * batch * 4) / 2 ** 20} MiB seen it kept ${(kept / 2 ** 20).toFixed(1)}`;
  },
};

function feed(observer: Observer, times: number): void {
  const values = new Float32Array(batch);
  for (let round = 0; round < times; round++) {
    for (let i = 0; i < batch; i++) values[i] = Math.imul(i + round * 7, 40503) / 2 ** 31;
    observer.see(values, extremesOf(values));
  }
}

function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag exposes
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
