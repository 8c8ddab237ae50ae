import { isDynamicRange, type Model, type Node } from '@espalier/core';
import { type Capability, can, canClamp } from '../plan/job.js';
import type { RuleForm } from '../plan/rule-form.js';
import { planDynamicConv } from './conv.js';
import { fuseRanges } from './fuse-ranges.js';
import { planDynamicProduct } from './product.js';
import { isDynamicProduct } from './product-node.js';
import { planRange } from './range.js';

export { withDynamicKernels } from '@espalier/kernels/dynamic';
export { fuseRanges } from './fuse-ranges.js';

const conv: readonly Capability[] = [canClamp('int8', planDynamicConv)];
const product: readonly Capability[] = [canClamp('int8', planDynamicProduct)];
const range: readonly Capability[] = [can('typescript', planRange)];

/** A rule for graphs whose products with codes of run-time ranges have been fused. */
export function dynamicForm(form: RuleForm): RuleForm {
  return { ...form, capabilitiesOf: (node) => ownCapabilities(node) ?? form.capabilitiesOf(node) };
}

function ownCapabilities(node: Node): readonly Capability[] | null {
  if (isDynamicRange(node)) return range;
  if (!isDynamicProduct(node)) return null;
  return node.op === 'Conv' ? conv : product;
}

/** A model whose values can all be seen: products are computed as ever, beside the rounded activations that they make for themselves. */
export function observable(model: Model): Model {
  const copy = model.clone();
  fuseRanges(copy.graph, { keepsValues: true });
  return copy;
}
