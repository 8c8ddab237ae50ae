import type { RequantizationRule } from '@espalier/core';
import type { Rounding } from '@espalier/kernels';

/** How often a rule rounds. */
export function roundingOf(rule: RequantizationRule): Rounding {
  return rule === 'tflite-double' ? 'twice' : 'once';
}
