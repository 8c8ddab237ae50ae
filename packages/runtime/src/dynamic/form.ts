import { type Capability, canClamp } from '../plan/job.js';
import type { RuleForm } from '../plan/rule-form.js';
import { internalDomain } from './fuse-products.js';
import { planDynamicProduct } from './product.js';

export { withWideKernels } from '@espalier/kernels/wide';
export { fuseDynamicProducts } from './fuse-products.js';

const product: readonly Capability[] = [canClamp('int8', planDynamicProduct)];

/** A rule for graphs whose products with codes of run-time ranges have been fused. */
export function dynamicForm(form: RuleForm): RuleForm {
  const { capabilitiesOf } = form;
  return {
    ...form,
    capabilitiesOf: (node) => (node.domain === internalDomain ? product : capabilitiesOf(node)),
  };
}
