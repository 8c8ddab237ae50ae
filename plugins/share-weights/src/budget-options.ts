import { defineOptions, type Options, option } from '@espalier/core';

/** What the bits of all layers together may cost. At least one of the two limits is given. */
export interface BudgetOptions {
  /** Bytes of the whole file, as an ideal coder behind would make it; null for no limit. */
  readonly maxBytes: number | null;
  /** Share of the calibration samples whose answer may be lost, 0..1; null for no limit. The fewest bytes are taken. */
  readonly maxAccuracyDrop: number | null;
  /** Samples that accuracy is measured on. */
  readonly samples: number;
}

export const budgetOptions: Options<BudgetOptions> = defineOptions<BudgetOptions>({
  maxBytes: option.nullable(option.integer({ default: 0, min: 1 }), {
    about: 'Bytes of the whole file at the most, as a coder behind will make it.',
  }),
  maxAccuracyDrop: option.nullable(option.number({ default: 0, min: 0, max: 1 }), {
    about: 'Share of the calibration samples whose answer may be lost: the fewest bytes that keep it.',
  }),
  samples: option.integer({
    default: 512,
    min: 1,
    about: 'Calibration samples that accuracy is measured on.',
  }),
});
