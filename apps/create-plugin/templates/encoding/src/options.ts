import { defineOptions, type Options, option } from '@espalier/core';

export interface MyIdeaOptions {
  /** Share of a stream's bytes. Unitless, 0 <= saving < 1. */
  readonly saving: number;
}

/** The one table that checks, defaults, documentation and forms come from. Options are JSON data. */
export const myIdeaOptions: Options<MyIdeaOptions> = defineOptions<MyIdeaOptions>({
  saving: option.number({
    default: 0,
    min: 0,
    below: 1,
    about: 'Codes a stream only where that saves more than this share of its bytes.',
  }),
});
