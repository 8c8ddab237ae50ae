import type { Node, Value } from '@espalier/core';
import { fixedPointCapabilities } from '../fixed-point/capabilities.js';
import type { CapabilitiesOf } from '../plan/job.js';
import type { RuleForm } from '../plan/rule-form.js';
import { fixedPointComputing, integerProducts } from './capabilities.js';
import { isWide } from './is-wide.js';

export { withWideKernels } from '@espalier/kernels/wide';

/**
 * A rule for models that have codes of 16 bits too: what touches such codes is computed over int16 where the rule says
 * how. By the rules of TensorFlow Lite each operator as its reference kernel defines it; by rule `onnx` products of weights
 * as integers, and all else in float32 between the grids.
 *
 * @param form - the rule without them
 * @param exact - how what is no arithmetic of codes is computed
 */
export function wideForm(form: RuleForm, exact: CapabilitiesOf): RuleForm {
  const wide: CapabilitiesOf =
    form.rule === 'onnx'
      ? (node) => [...integerProducts(node), ...form.capabilitiesOf(node)]
      : (node) => fixedPointCapabilities(node, exact, fixedPointComputing);
  return { ...form, capabilitiesOf: (node) => (touchesWide(node) ? wide : form.capabilitiesOf)(node) };
}

function touchesWide({ inputs, outputs }: Node): boolean {
  const isOnGrid = (value: Value | null): boolean =>
    value !== null && value.constant === null && isWide(value);
  return inputs.some(isOnGrid) || outputs.some(isOnGrid);
}
