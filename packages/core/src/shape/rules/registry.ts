import type { ShapeRule, ShapeRules } from '../rule.js';
import { convolutionRules } from './convolution.js';
import { elementwiseRules } from './elementwise.js';
import { normalizationRules } from './normalization.js';
import { productRules } from './product.js';
import { quantizationRules } from './quantization.js';
import { reductionRules } from './reduction.js';
import { resamplingRules } from './resampling.js';
import { selectionRules } from './selection.js';
import { sequenceRules } from './sequence.js';
import { shapeOperatorRules, withArithmetic } from './shape-operators.js';

const rules: ShapeRules = withArithmetic({
  ...elementwiseRules,
  ...reductionRules,
  ...convolutionRules,
  ...productRules,
  ...shapeOperatorRules,
  ...selectionRules,
  ...resamplingRules,
  ...normalizationRules,
  ...quantizationRules,
  ...sequenceRules,
});

/** The rule of an operator of ONNX's own domain; undefined where there is none. */
export function ruleOf(op: string): ShapeRule | undefined {
  return Object.hasOwn(rules, op) ? rules[op] : undefined;
}
