import type { Node, RequantizationRule } from '@espalier/core';
import { type MultiplierKind, type Multipliers, requantizeMultiplier } from '@espalier/kernels';
import { codeOf, type Grid } from '../memory/grid.js';
import { capabilitiesOf } from './capabilities.js';
import type { Capability } from './job.js';

/** How int8 is computed by a rule: docs/decisions/0006. */
export interface RuleForm {
  readonly rule: RequantizationRule;
  /** The binary it needs. */
  readonly multipliers: MultiplierKind;
  /** The ways to compute a node, best first. */
  capabilitiesOf(node: Node): readonly Capability[];
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
export const onnxForm: RuleForm = {
  rule: 'onnx',
  multipliers: 'float32',
  capabilitiesOf,
  columns: (xScale, weightScales, yScale) =>
    weightScales.map((scale) => requantizeMultiplier(xScale, scale, yScale)),
  codeOf,
};

/** The form of a rule; those of TensorFlow Lite are a module of their own, which few pages load. */
export async function ruleForm(rule: RequantizationRule): Promise<RuleForm> {
  if (rule === 'onnx') return onnxForm;
  const { fixedPointForm } = await import('../fixed-point/form.js');
  return fixedPointForm(rule);
}
