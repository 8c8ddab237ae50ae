import {
  CALIBRATOR,
  definePassPlugin,
  EXECUTOR,
  PASS,
  type PassPlugin,
  resolveAll,
  resolveOptional,
} from '@espalier/core';
import { ownCalibrators } from './calibrators/registered.js';
import { type QuantizeOptions, quantizeOptions } from './options.js';
import { QUANTIZE, QuantizePass } from './quantize-pass.js';
import { KNOWN_RANGES } from './static/known-ranges.js';

/** Quantization. `plugins: [quantize]` installs it, `quantize({ mode: 'weight-only' })` is one step. */
export const quantize: PassPlugin<QuantizeOptions> = definePassPlugin({
  id: QUANTIZE,
  about:
    'Holds weights, and computes activations, as 8-bit integers; or holds weights in 2 to 8 bits, or as float16.',
  options: quantizeOptions,
  register(container) {
    for (const calibrator of ownCalibrators) container.register(CALIBRATOR, { useValue: calibrator });
    container.register(PASS, {
      useFactory: (run) =>
        new QuantizePass(
          { executor: resolveOptional(run, EXECUTOR), calibrators: resolveAll(run, CALIBRATOR) },
          resolveOptional(run, KNOWN_RANGES),
        ),
    });
  },
});
