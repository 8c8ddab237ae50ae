import { reductions } from '@espalier/kernels';
import type { Argument } from '@espalier/runtime/tape';
import type { StepRecorder } from '../step/step-recorder.js';

/** to [columns] = the sums over the rows of from [rows, columns]: the gradient of a bias. */
export function sumRows(
  step: StepRecorder,
  rows: number,
  columns: number,
  from: Argument,
  to: Argument,
): void {
  step.call('reduceF32', [reductions.sum, 1, rows, columns, from, to]);
}
