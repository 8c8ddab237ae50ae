import { type Encoding, toFloat32 } from '@espalier/core';
import type { LayerMoments } from '../moments/collect-moments.js';
import { integerWeight } from '../weights/integer-weight.js';
import { slicesOf } from '../weights/symmetric.js';
import type { WeightSettings } from '../weights/weight-settings.js';
import { outputError } from './adaptive-rounding.js';
import { placesOf } from './adaptive-tensor.js';
import { bitWidths, type WidthCandidate } from './mixed-precision.js';

/**
 * What a layer's weights take at each of the open widths, and the power of the error of its output over that of its signal: with
 * the nearest codes, on the data that the moments are of. Without products a weight's own error is all that is known.
 *
 * @param axis - the weights' dimension of output channels
 */
export function widthCandidates(
  encoding: Encoding,
  axis: number,
  name: string,
  settings: WeightSettings,
  moments: LayerMoments,
): readonly WidthCandidate[] {
  const values = toFloat32(encoding.decode());
  const seconds = moments.map((group) => (group.hasProducts ? group.second(false) : null));
  const power = (of: Float32Array): number => {
    const layout = slicesOf(encoding.dims, axis, of.length);
    const perGroup = layout.slices / Math.max(1, moments.length);
    let sum = 0;
    for (let channel = 0; channel < layout.slices; channel++) {
      const row = Float64Array.from(placesOf(layout, channel), (place) => of[place] ?? 0);
      const second = seconds[Math.floor(channel / perGroup)];
      sum += second == null ? row.reduce((all, w) => all + w * w, 0) : outputError(row, second);
    }
    return sum;
  };
  const signal = power(values);
  return bitWidths.map((bits) => {
    const rounded = integerWeight(encoding, {
      name,
      axis,
      settings: { ...settings, bits, rounding: 'nearest' },
    });
    const codes = toFloat32(rounded.decode());
    const error = signal > 0 ? power(values.map((value, i) => value - (codes[i] ?? 0))) / signal : 0;
    return { bits, bytes: rounded.byteLength, error };
  });
}
