import type { SliceLayout } from '@espalier/core';
import type { LayerMoments } from '../moments/collect-moments.js';
import { adaptiveCodes } from './adaptive-rounding.js';

/** What the data say of a layer. */
export interface LayerData {
  readonly moments: LayerMoments;
  /** Whether a bias takes up the mean of the error. */
  readonly isCentred: boolean;
}

/**
 * Adaptive codes of a whole weight: of each output channel, by the moments of its group.
 *
 * @param layout - by output channel
 * @param scales - one an output channel, one for all, or one for each weight
 * @param largest - code
 */
export function adaptiveTensor(
  values: Float32Array,
  layout: SliceLayout,
  scales: Float32Array,
  largest: number,
  { moments, isCentred }: LayerData,
): Int8Array {
  const codes = new Int8Array(values.length);
  const perGroup = layout.slices / moments.length;
  for (const [group, ofGroup] of moments.entries()) {
    const second = ofGroup.second(isCentred);
    for (let channel = group * perGroup; channel < (group + 1) * perGroup; channel++) {
      const places = placesOf(layout, channel);
      const weights = Float32Array.from(places, (place) => values[place] ?? 0);
      const row = adaptiveCodes(
        {
          weights,
          scales: scalesOf(scales, channel, places, values.length),
          largest,
        },
        second,
      );
      for (const [i, place] of places.entries()) codes[place] = row[i] ?? 0;
    }
  }
  return codes;
}

/** The scales of a channel's weights: one for all of them, or one for each. */
function scalesOf(scales: Float32Array, channel: number, places: Int32Array, size: number): Float32Array {
  if (scales.length === 1) return scales;
  // One row of one weight has a scale a channel too: both are the same then.
  if (scales.length === size) return Float32Array.from(places, (place) => scales[place] ?? 1);
  return scales.subarray(channel, channel + 1);
}

/** Where the weights of a channel are, in the order of its patches. */
export function placesOf({ outer, slices, inner }: SliceLayout, channel: number): Int32Array {
  const places = new Int32Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) places[o * inner + i] = (o * slices + channel) * inner + i;
  }
  return places;
}
