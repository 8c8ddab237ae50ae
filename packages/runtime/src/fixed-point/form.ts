import { type RequantizationRule, roundHalfAway } from '@espalier/core';
import { fixedPointMultipliers } from '@espalier/kernels';
import type { Grid } from '../memory/grid.js';
import type { CapabilitiesOf } from '../plan/job.js';
import type { RuleForm } from '../plan/rule-form.js';
import { fixedPointCapabilities } from './capabilities.js';
import { roundingOf } from './rounding.js';

/** Rule `onnx` has it from here: one file for both is less than a page would load for a third. */
export { planConvTransposeInt8 } from '../steps/conv-transpose-int8.js';

/**
 * The rules of TensorFlow Lite: each operator as its reference kernel defines it.
 *
 * @param exact - how what is no arithmetic of codes is computed: as by the rule `onnx`
 */
export function fixedPointForm(rule: RequantizationRule, exact: CapabilitiesOf): RuleForm {
  return {
    rule,
    multipliers: 'fixed-point',
    capabilitiesOf: (node) => fixedPointCapabilities(node, exact),
    columns: (xScale, weightScales, yScale, isMatrix) =>
      fixedPointMultipliers(
        columnFactors(xScale, weightScales, isMatrix).map((factor) => factor / yScale),
        roundingOf(rule),
      ),
    codeOf: nearestCode,
  };
}

/**
 * The scales of sums, in float64; of a fully connected layer with one scale for all weights in float32.
 *
 * @see GetQuantizedConvolutionMultipler in tensorflow/lite/kernels/kernel_util.cc
 */
export function columnFactors(xScale: number, weightScales: Float32Array, isMatrix: boolean): Float64Array {
  const factors = Float64Array.from(weightScales, (scale) => xScale * scale);
  return isMatrix && factors.length === 1 ? factors.map(Math.fround) : factors;
}

/** The nearest code of a real, halves away from zero. */
function nearestCode(real: number, { scale, zero }: Grid): number {
  const steps = roundHalfAway(Math.fround(Math.fround(real) / scale));
  return Math.min(Math.max(steps + zero, -128), 127);
}
