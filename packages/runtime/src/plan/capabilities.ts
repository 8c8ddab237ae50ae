import type { Node } from '@espalier/core';
import { planConvFloat32 } from '../steps/conv.js';
import { planGemmFloat32, planMatMulFloat32 } from '../steps/matrix.js';
import { planPlain } from '../steps/plain.js';
import type { Capability } from './job.js';

const typescript: Capability = { implementation: 'typescript', plan: planPlain };

/**
 * What runs which operator: the first that takes a node computes it. Operators that are not listed have
 * their plain implementation only.
 */
const capabilities: Readonly<Record<string, readonly Capability[]>> = {
  Conv: [{ implementation: 'float32', plan: planConvFloat32, clamps: true }],
  Gemm: [{ implementation: 'float32', plan: planGemmFloat32, clamps: true }],
  MatMul: [{ implementation: 'float32', plan: planMatMulFloat32, clamps: true }],
};

/** The ways to compute a node, best first. The plain implementation is always the last. */
export function capabilitiesOf(node: Node): readonly Capability[] {
  const fast = node.domain === '' && Object.hasOwn(capabilities, node.op) ? capabilities[node.op] : undefined;
  return [...(fast ?? []), typescript];
}
