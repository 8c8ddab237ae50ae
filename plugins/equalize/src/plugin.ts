import { definePassPlugin, EXECUTOR, PASS, type PassPlugin, resolveOptional } from '@espalier/core';
import { EQUALIZE, EqualizePass } from './equalize-pass.js';
import { type EqualizeOptions, equalizeOptions } from './options.js';

/** Cross-layer equalization. `plugins: [equalize]` installs it, `equalize()` is one step. */
export const equalize: PassPlugin<EqualizeOptions> = definePassPlugin({
  id: EQUALIZE,
  about: 'Spreads the range of weights evenly over neighbouring layers, before they are quantized.',
  options: equalizeOptions,
  register(container) {
    container.register(PASS, {
      useFactory: (run) => new EqualizePass(resolveOptional(run, EXECUTOR)),
    });
  },
});
