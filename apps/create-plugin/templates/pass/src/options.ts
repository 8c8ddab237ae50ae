import { defineOptions, type Options, option } from '@espalier/core';

export interface MyIdeaOptions {
  /** Of the largest magnitude in the tensor. Unitless, 0 <= threshold < 1. */
  readonly threshold: number;
}

/** The one table that checks, defaults, documentation and forms come from. Options are JSON data. */
export const myIdeaOptions: Options<MyIdeaOptions> = defineOptions<MyIdeaOptions>({
  threshold: option.number({
    default: 0.05,
    min: 0,
    below: 1,
    about: 'Weights below this share of the largest magnitude in their tensor become zero.',
  }),
});
