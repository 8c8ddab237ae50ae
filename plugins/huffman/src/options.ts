import { defineOptions, type Options, option } from '@espalier/core';

export interface HuffmanOptions {
  /** Bits of the longest code, 8..15. */
  readonly maxBits: number;
}

export const huffmanOptions: Options<HuffmanOptions> = defineOptions<HuffmanOptions>({
  maxBits: option.integer({
    default: 15,
    min: 8,
    max: 15,
    about: 'Bits of the longest code. 12 decodes every code by one look-up, for hardly more bytes.',
  }),
});
