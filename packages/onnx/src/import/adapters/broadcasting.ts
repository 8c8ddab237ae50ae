import { elementCount } from '@espalier/core';
import type { SourceOp } from '../source-op.js';
import type { AdapterTable } from './adapter.js';

/**
 * Before opset 7 the second operand was broadcast on request only, and could lie along inner
 * dimensions of the first, from `axis` on.
 *
 * @see ONNX Add-6
 */
function limitedBroadcast(node: SourceOp): void {
  const axis = node.attributes.int('axis');
  const attributes = node.without('axis', 'broadcast', 'consumed_inputs');
  const isInner = node.attributes.int('broadcast', 0) !== 0 && axis !== undefined;
  const second = isInner ? alignedFrom(node, axis) : node.need(1);
  node.finish(node.op, [node.need(0), second], attributes);
}

/** The second operand with dimensions of size 1 behind it, so that it lies where `axis` says. */
function alignedFrom(node: SourceOp, axis: number): ReturnType<SourceOp['need']> {
  const dims = node.staticDims(1);
  if (dims !== null && elementCount(dims) === 1 && dims.length <= 1) return node.need(1);
  const rank = node.needRank(0);
  const start = axis < 0 ? axis + rank : axis;
  const trailing = rank - start - node.needRank(1);
  if (start < 0 || trailing < 0) throw node.malformed(`Axis ${axis} leaves no room for the second operand.`);
  return node.withTrailingOnes(1, trailing);
}

/** @see ONNX PRelu-6: one slope in all, or one for each channel */
function slopePerChannel(node: SourceOp): void {
  const dims = node.staticDims(1);
  if (dims === null) throw node.unsupported('the shape of the slope is not known before it runs');
  const isShared = elementCount(dims) === 1;
  const slope =
    isShared || dims.length !== 1
      ? node.need(1)
      : node.withTrailingOnes(1, Math.max(0, node.needRank(0) - 2));
  node.finish('PRelu', [node.need(0), slope], node.without('consumed_inputs'));
}

/** Without `broadcast` the addend had to have the result's shape: that is a case of today's rule. */
function gemm(node: SourceOp): void {
  node.finish('Gemm', node.inputs, node.without('broadcast'));
}

const operators = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less'];

export const broadcastingAdapters: AdapterTable = {
  ...Object.fromEntries(operators.map((op) => [op, [{ before: 7, adapt: limitedBroadcast }]])),
  PRelu: [{ before: 7, adapt: slopePerChannel }],
  Gemm: [{ before: 7, adapt: gemm }],
};
