import type { Recipe } from '@espalier/core';

/**
 * The options are those that lost least on held out calibration images of MLPerf Tiny's ResNets
 * (docs/results/tflite-quantized.md). No coding behind them: a .tflite file has none.
 */
export const int8Tflite: Recipe = {
  name: 'int8-tflite',
  about:
    'Static int8 by the rule of LiteRT, for .tflite files: they compute there what is measured here. Needs calibration data.',
  steps: [
    'fuse',
    'fold-batch-norm',
    {
      pass: 'quantize',
      options: {
        requantization: 'tflite',
        observer: 'mse',
        rounding: 'adaptive',
        correctBias: true,
        samples: 1000,
      },
    },
  ],
};
