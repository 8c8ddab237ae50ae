import type { Random } from '@espalier/core';
import type { SampleArray, Samples } from './samples.js';

/** Samples in two parts without overlap. */
export interface SplitSamples {
  readonly train: Samples;
  /** null where the share comes to none. */
  readonly validation: Samples | null;
}

/**
 * Holds a share of samples out, drawn at random.
 *
 * @param samples - taken over: their order changes in place, so that no second copy is in memory
 * @param share - of the samples, 0 up to 1; one is left to train on at the least
 */
export function splitSamples(samples: Samples, share: number, random: Random): SplitSamples {
  const { count } = samples;
  const held = Math.min(Math.round(share * count), count - 1);
  if (held <= 0) return { train: samples, validation: null };
  const arrays = [...Object.values(samples.inputs), ...(samples.targets === null ? [] : [samples.targets])];
  const labels = samples.labels === null ? null : Int32Array.from(samples.labels);
  for (let i = 0; i < held; i++) {
    const last = count - 1 - i;
    const chosen = random.below(last + 1);
    for (const array of arrays) swapSamples(array, chosen, last);
    if (labels === null) continue;
    const label = labels[last] as number; // chosen and last are below the count
    labels[last] = labels[chosen] as number;
    labels[chosen] = label;
  }
  const shuffled = { ...samples, labels };
  return {
    train: partOf(shuffled, 0, count - held),
    validation: { ...partOf(shuffled, count - held, count), name: `${samples.name}, held out` },
  };
}

function swapSamples({ data, dims }: SampleArray, a: number, b: number): void {
  const size = dims.reduce((x, y) => x * y, 1);
  const kept = data.slice(a * size, (a + 1) * size);
  data.copyWithin(a * size, b * size, (b + 1) * size);
  data.set(kept, b * size);
}

function partOf(
  { name, inputs, labels, targets }: Samples & { readonly labels: Int32Array | null },
  start: number,
  end: number,
): Samples {
  const part = (array: SampleArray): SampleArray => {
    const size = array.dims.reduce((x, y) => x * y, 1);
    return { ...array, data: array.data.subarray(start * size, end * size) };
  };
  return {
    name,
    count: end - start,
    inputs: Object.fromEntries(Object.entries(inputs).map(([input, array]) => [input, part(array)])),
    labels: labels?.subarray(start, end) ?? null,
    targets: targets === null ? null : part(targets),
  };
}
