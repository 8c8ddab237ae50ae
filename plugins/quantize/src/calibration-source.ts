import { DataError, type Dataset, type Executor, PluginError, type RunData } from '@espalier/core';

/** What calibration runs, and on what. */
export interface CalibrationSource {
  readonly executor: Executor;
  readonly calibration: Dataset;
}

/** What each mode measures, and what measures nothing. */
const needs = {
  static: ['Static quantization measures the ranges of activations', 'mode "weight-only"'],
  'weight-only': [
    'Adaptive rounding, corrected biases and mixed precision measure what layers read',
    'the defaults of "rounding", "correctBias" and "mixed"',
  ],
} as const;

/**
 * @throws {DataError} when there is no calibration data
 * @throws {PluginError} when there is nothing to run models with
 */
export function requireCalibration(
  executor: Executor | null,
  { calibration }: RunData,
  mode: 'static' | 'weight-only' = 'static',
): CalibrationSource {
  const [what, without] = needs[mode];
  if (executor === null) {
    throw new PluginError({
      what: `${what} by running the model, and nothing that can run models is registered.`,
      fix: `Add the plugin "runtime" of @espalier/presets to the compressor, or use ${without}.`,
    });
  }
  if (calibration === undefined || calibration.count === 0) {
    throw new DataError({
      what: `${what}, and there is no calibration data.`,
      fix: `Pass --calibration FILE, or { data: { calibration } } in code: some hundred typical inputs. Or use ${without}.`,
    });
  }
  return { executor, calibration };
}
