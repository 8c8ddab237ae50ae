import { forOp } from '@espalier/core';
import { type QuantizeOptions, quantizeOptions } from '../options.js';

/** How the weights of one layer are held. */
export interface WeightSettings {
  readonly granularity: 'channel' | 'tensor';
  /** Of a code, 2 to 8. */
  readonly bits: number;
  /** Weights of a row that share a scale; 0 for all of them. */
  readonly groupSize: number;
  readonly range: 'max' | 'mse';
  readonly rounding: 'nearest' | 'adaptive';
}

/** The settings of a layer, as the options say by its weight's name or its operator. */
export function weightSettings(
  options: Readonly<QuantizeOptions>,
  layer: { readonly name: string; readonly op: string },
): WeightSettings {
  const { defaults } = quantizeOptions;
  return {
    granularity: forOp(options.granularity, defaults.granularity, layer),
    bits: forOp(options.bits, defaults.bits, layer),
    groupSize: forOp(options.groupSize, defaults.groupSize, layer),
    range: forOp(options.weightRange, defaults.weightRange, layer),
    rounding: forOp(options.rounding, defaults.rounding, layer),
  };
}
