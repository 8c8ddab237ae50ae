import { DataError, type Dataset, type Executor, PluginError, type RunData } from '@espalier/core';

/** What calibration runs, and on what. */
export interface CalibrationSource {
  readonly executor: Executor;
  readonly calibration: Dataset;
}

/**
 * @throws {DataError} when there is no calibration data
 * @throws {PluginError} when there is nothing to run models with
 */
export function requireCalibration(executor: Executor | null, { calibration }: RunData): CalibrationSource {
  if (executor === null) {
    throw new PluginError({
      what: 'Static quantization runs the model, and nothing that can run models is registered.',
      fix: 'Add the plugin "runtime" of @espalier/presets to the compressor, or use mode "weight-only".',
    });
  }
  if (calibration === undefined || calibration.count === 0) {
    throw new DataError({
      what: 'Static quantization measures the ranges of activations, and there is no calibration data.',
      fix: 'Pass --calibration FILE, or { data: { calibration } } in code: some hundred typical inputs. Or use mode "weight-only".',
    });
  }
  return { executor, calibration };
}
