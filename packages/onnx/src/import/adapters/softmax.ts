import { int } from '@espalier/core';
import type { SourceOp } from '../source-op.js';
import type { AdapterTable } from './adapter.js';

/**
 * Before opset 13 the input was seen as a matrix, with all dimensions from `axis` on in its rows. Where
 * only one of those is larger than 1 that is today's meaning; else the matrix is made and undone.
 *
 * @see ONNX Softmax-11
 */
function overMatrix(node: SourceOp): void {
  const dims = node.dims(0);
  const axis = node.attributes.int('axis', 1);
  if (dims !== null) {
    const start = axis < 0 ? axis + dims.length : axis;
    if (start < 0 || start > dims.length) throw node.malformed(`Axis ${axis} is not one of ${dims.length}.`);
    const long = dims.flatMap((dim, i) => (i >= start && dim !== 1 ? [i] : []));
    const only = long[0] ?? start;
    if (long.length <= 1 && only < dims.length) {
      node.finish(node.op, [node.need(0)], { axis: int(only) });
      return;
    }
  } else if (axis === -1) {
    node.finish(node.op, [node.need(0)], { axis: int(-1) });
    return;
  }
  const matrix = node.add('Flatten', [node.need(0)], { axis: int(axis) });
  const result = node.add(node.op, [matrix], { axis: int(1) });
  node.finish('Reshape', [result, node.shapeOf(0)], { allowzero: int(1) });
}

export const softmaxAdapters: AdapterTable = {
  Softmax: [{ before: 13, adapt: overMatrix }],
  LogSoftmax: [{ before: 13, adapt: overMatrix }],
  Hardmax: [{ before: 13, adapt: overMatrix }],
};
