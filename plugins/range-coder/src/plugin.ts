import { definePassPlugin, ENCODING, PASS, type PassPlugin } from '@espalier/core';
import { type RangeCoderOptions, rangeCoderOptions } from './options.js';
import { rangeCoderKind } from './range-coded-encoding.js';
import { RANGE_CODER, RangeCoderPass } from './range-coder-pass.js';

/** Arithmetic coding. `plugins: [rangeCoder]` installs pass and encoding, `rangeCoder()` is one step. */
export const rangeCoder: PassPlugin<RangeCoderOptions> = definePassPlugin({
  id: RANGE_CODER,
  about: 'Codes indices, positions and int8 codes by context-adaptive arithmetic coding.',
  options: rangeCoderOptions,
  register(container) {
    container.register(PASS, { useFactory: () => new RangeCoderPass() });
    container.register(ENCODING, { useValue: rangeCoderKind });
  },
});
