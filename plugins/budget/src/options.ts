import { defineOptions, type Options, option } from '@espalier/core';

export interface BudgetOptions {
  /** How many times smaller than it comes in the file is to be; unitless, > 1. */
  readonly ratio: number;
  /** Bytes of the whole file, as an ideal coder behind would make it; null for what `ratio` says. */
  readonly maxBytes: number | null;
  /** Tensors of fewer elements are left alone. */
  readonly minElements: number;
  /** Calibration samples that outputs are compared on. */
  readonly samples: number;
}

export const budgetOptions: Options<BudgetOptions> = defineOptions<BudgetOptions>({
  ratio: option.number({
    default: 10,
    above: 1,
    about: 'How many times smaller the file is to be than it comes in, once a coder has run.',
  }),
  maxBytes: option.nullable(option.integer({ default: 1, min: 1 }), {
    about: 'Bytes of the whole file at the most, once a coder has run; null for what ratio says.',
  }),
  minElements: option.integer({
    default: 64,
    min: 1,
    about: 'Weights of fewer elements are left as they are.',
  }),
  samples: option.integer({
    default: 64,
    min: 1,
    about: 'Calibration samples that outputs are compared on.',
  }),
});
