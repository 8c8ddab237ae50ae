import type { SourceOp } from '../source-op.js';
import type { Adapter, AdapterTable } from './adapter.js';
import { attributesToInputsAdapters } from './attributes-to-inputs.js';
import { broadcastingAdapters } from './broadcasting.js';
import { constantAdapters } from './constants.js';
import { normalizationAdapters } from './normalization.js';
import { qOperatorAdapters } from './q-operators.js';
import { resizingAdapters } from './resizing.js';
import { smallChangeAdapters } from './small-changes.js';
import { softmaxAdapters } from './softmax.js';

/** Every operator whose older forms differ from the IR's. */
export const adapters: AdapterTable = {
  ...attributesToInputsAdapters,
  ...broadcastingAdapters,
  ...constantAdapters,
  ...normalizationAdapters,
  ...qOperatorAdapters,
  ...resizingAdapters,
  ...smallChangeAdapters,
  ...softmaxAdapters,
};

/** How an operator of the given opset comes into the graph. */
export function adapterOf(op: string, opset: number): Adapter {
  const versions = Object.hasOwn(adapters, op) ? adapters[op] : undefined;
  return versions?.find((version) => opset < version.before)?.adapt ?? asItIs;
}

function asItIs(node: SourceOp): void {
  // Before opset 6 many operators told which inputs they may overwrite. That is no part of their meaning.
  node.finish(node.op, node.inputs, node.without('consumed_inputs'));
}
