import type { RequantizationRule } from '@espalier/core';
import { type MultiplierKind, type Multipliers, requantizeMultiplier } from '@espalier/kernels';
import { codeOf, type Grid } from '../memory/grid.js';
import type { CapabilitiesOf } from './job.js';

/** How int8 is computed by a rule: docs/decisions/0006. */
export interface RuleForm {
  readonly rule: RequantizationRule;
  /** The binary it needs. */
  readonly multipliers: MultiplierKind;
  readonly capabilitiesOf: CapabilitiesOf;
  /**
   * What turns the sums of columns into codes.
   *
   * @param weightScales - one a column, or one for all
   * @param isMatrix - whether the weights are those of a fully connected layer
   */
  columns(xScale: number, weightScales: Float32Array, yScale: number, isMatrix: boolean): Multipliers;
  /** The code of a bound of a fused activation. */
  codeOf(real: number, grid: Grid): number;
}

/** Rule `onnx`: what QuantizeLinear of the exact operator means. */
const onnxForm: Omit<RuleForm, 'capabilitiesOf'> = {
  rule: 'onnx',
  multipliers: 'float32',
  columns: (xScale, weightScales, yScale) =>
    weightScales.map((scale) => requantizeMultiplier(xScale, scale, yScale)),
  codeOf,
};

/**
 * The form of a rule; those of TensorFlow Lite are a module of their own, which few pages load.
 *
 * @param capabilitiesOf - how the rule `onnx` computes nodes, and every rule what is float32
 */
export async function ruleForm(rule: RequantizationRule, capabilitiesOf: CapabilitiesOf): Promise<RuleForm> {
  if (rule === 'onnx') return { ...onnxForm, capabilitiesOf };
  const { fixedPointForm } = await import('../fixed-point/form.js');
  return fixedPointForm(rule, capabilitiesOf);
}
