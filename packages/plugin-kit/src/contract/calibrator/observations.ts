import { type ActivationRange, type Calibrator, createRandom, type ObserverSettings } from '@espalier/core';

export const settings: ObserverSettings = { percentile: 99.9, bitWidth: 8 };

/** What an observer says after it has seen these batches, which it is lent in one and the same array. */
export function rangeOf(calibrator: Calibrator, batches: readonly Float32Array[]): ActivationRange | null {
  const observer = calibrator.observe(settings);
  for (const batch of batches) {
    const lent = batch.slice();
    observer.see(lent, extremesOf(batch));
    lent.fill(12345);
  }
  return observer.range();
}

export function extremesOf(values: Float32Array): ActivationRange {
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i] ?? 0);
    max = Math.max(max, values[i] ?? 0);
  }
  return { min, max };
}

/** Bell-shaped values in batches of these lengths. */
export function bell(lengths: readonly number[]): readonly Float32Array[] {
  const random = createRandom('activations');
  return lengths.map((length) => Float32Array.from({ length }, () => random.normal()));
}

export function show(range: ActivationRange | null): string {
  return range === null ? 'no range' : `[${range.min}, ${range.max}]`;
}
