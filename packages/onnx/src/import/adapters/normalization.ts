import { tensorOf, toNumbers, type Value } from '@espalier/core';
import type { SourceOp } from '../source-op.js';
import type { AdapterTable } from './adapter.js';

/**
 * Before opset 14 the number of outputs said whether it trains; `is_test` went with opset 7. Inference
 * is what is read: the first output alone.
 */
function batchNormalization(node: SourceOp): void {
  for (let i = 1; i < node.outputCount; i++) {
    if (node.wants(i)) throw node.unsupported(`its output ${i} belongs to training`);
  }
  if (node.attributes.int('spatial', 1) === 0 && node.needRank(0) > 2) {
    perActivation(node);
    return;
  }
  const attributes = node.without('spatial', 'is_test', 'consumed_inputs');
  node.finish('BatchNormalization', node.inputs, attributes, 1);
}

/** `spatial=0`: statistics for each activation, of the shape of a sample. @see ONNX BatchNormalization-7 */
function perActivation(node: SourceOp): void {
  const [x, scale, bias, mean, variance] = [0, 1, 2, 3, 4].map((i) => node.need(i));
  const epsilon = node.constant(
    tensorOf(node.dtype(0), [node.attributes.float('epsilon', 1e-5)], []),
    'epsilon',
  );
  const deviation = node.add('Sqrt', [node.add('Add', [variance ?? null, epsilon])]);
  const normal = node.add('Div', [node.add('Sub', [x ?? null, mean ?? null]), deviation]);
  node.finish('Add', [node.add('Mul', [normal, scale ?? null]), bias ?? null], {}, 1);
}

/** Before opset 21 scale and bias were one for each group, not for each channel. */
function groupNormalization(node: SourceOp): void {
  const channels = node.dims(0)?.[1];
  const groups = node.attributes.int('num_groups', 0);
  if (typeof channels !== 'number')
    throw node.unsupported('the number of channels is not known before it runs');
  if (groups < 1 || channels % groups !== 0)
    throw node.malformed(`${groups} groups of ${channels} channels.`);
  const inputs = [1, 2].map((index) => perChannel(node, index, groups, channels / groups));
  node.finish('GroupNormalization', [node.need(0), ...inputs]);
}

/** Beyond this the number of channels may be nothing but what the file claims: nothing is repeated then. */
const mostChannels = 65536;

function perChannel(node: SourceOp, index: number, groups: number, size: number): Value {
  const tensor = node.constantInput(index);
  if (tensor !== null && tensor.size === groups && groups * size <= mostChannels) {
    const values = toNumbers(tensor);
    const repeated = Array.from({ length: groups * size }, (_, i) => values[Math.floor(i / size)] ?? 0);
    return node.constant(tensorOf(tensor.type, repeated), `channels_${index}`);
  }
  const column = node.add('Unsqueeze', [node.need(index), node.constantInts([1], 'axes')]);
  const matrix = node.add('Expand', [column, node.constantInts([groups, size], 'shape')]);
  return node.add('Reshape', [matrix, node.constantInts([groups * size], 'shape')]);
}

export const normalizationAdapters: AdapterTable = {
  BatchNormalization: [{ before: 14, adapt: batchNormalization }],
  GroupNormalization: [{ before: 21, adapt: groupNormalization }],
};
