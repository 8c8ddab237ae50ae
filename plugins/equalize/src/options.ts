import { defineOptions, type Options, option } from '@espalier/core';

export interface EqualizeOptions {
  /** Turns over all pairs of layers, at most; the last is the one that changes little. */
  readonly rounds: number;
}

export const equalizeOptions: Options<EqualizeOptions> = defineOptions<EqualizeOptions>({
  rounds: option.integer({
    default: 20,
    min: 1,
    max: 1000,
    about: 'Turns over all pairs of layers, at most.',
  }),
});
