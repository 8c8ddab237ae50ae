import { defineOptions, type Options, option } from '@espalier/core';

/** What the widths of all layers together keep to. At least one limit is given. */
export interface MixedBudget {
  /** Bits of a stored code, averaged over those of all layers, at most; null for no limit. */
  readonly averageBits: number | null;
  /** Bytes of the whole file at the most, without a coder behind; null for no limit. */
  readonly maxBytes: number | null;
  /** Share of the calibration samples whose answer may be lost, 0..1; null for no limit. The fewest bytes are taken. */
  readonly maxAccuracyDrop: number | null;
  /** SQNR of a layer's output in dB, below which its width does not fall; 0 for no limit. */
  readonly leastDb: number;
}

export const mixedOptions: Options<MixedBudget> = defineOptions<MixedBudget>({
  averageBits: option.nullable(option.number({ default: 5, min: 2, max: 8 }), {
    about: 'Bits of a weight, averaged over all, at most.',
  }),
  maxBytes: option.nullable(option.integer({ default: 0, min: 1 }), {
    about: 'Bytes of the whole file at the most, before a coder makes it smaller.',
  }),
  maxAccuracyDrop: option.nullable(option.number({ default: 0, min: 0, max: 1 }), {
    about: 'Share of the calibration samples whose answer may be lost: the fewest bytes that keep it.',
  }),
  leastDb: option.integer({
    default: 0,
    min: 0,
    max: 200,
    about: "SQNR of a layer's output, in dB, below which its width does not fall.",
  }),
});
