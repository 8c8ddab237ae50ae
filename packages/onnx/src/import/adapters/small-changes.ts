import { float, int, string, Tensor, tensorOf } from '@espalier/core';
import { elementTypeNumber } from '../../proto/element-types.js';
import type { SourceOp } from '../source-op.js';
import type { Adapter, AdapterTable } from './adapter.js';

/** Inference: the data as they are. The mask, where it is read, is all true. */
function dropout(node: SourceOp): void {
  if (!node.wants(1)) {
    const trains = node.opset >= 12 && node.input(2) !== null && node.constantInput(2)?.data[0] !== 0;
    if (!trains) node.finish('Identity', [node.need(0)], {}, 1);
    else node.finish();
    return;
  }
  if (node.opset >= 12) {
    node.finish();
    return;
  }
  if (node.opset < 10)
    throw node.unsupported('its mask is read, which had the type of the data before opset 10');
  const ratio = node.constant(tensorOf('float32', [node.attributes.float('ratio', 0.5)], []), 'ratio');
  node.finish('Dropout', [node.need(0), ratio], {});
}

/** The first opset did not say it; its implementations joined channels. @see ONNX Concat-1 */
function concat(node: SourceOp): void {
  node.finish('Concat', node.inputs, { axis: int(node.attributes.int('axis', 1)) });
}

/** The last step's result was asked for by an attribute; today by naming the output. */
function recurrent(node: SourceOp): void {
  const attributes = node.without('output_sequence');
  // The specification of GRU-1 itself misspells its default.
  const isMisspelt = attributes.string('direction') === 'foward';
  node.finish(
    node.op,
    node.inputs,
    isMisspelt ? attributes.with({ direction: string('forward') }) : attributes,
  );
}

/** `p` was a float. @see ONNX LpPool-1, GlobalLpPool-1 */
function norm(node: SourceOp): void {
  const p = node.attributes.float('p', 2);
  if (!Number.isInteger(p)) throw node.unsupported(`the norm of order ${p}`);
  node.finish(node.op, node.inputs, node.attributes.with({ p: int(p) }));
}

/** The defaults had fewer digits. @see ONNX Selu-1 */
function selu(node: SourceOp): void {
  const alpha = node.attributes.float('alpha', 1.6732);
  const gamma = node.attributes.float('gamma', 1.0507);
  node.finish('Selu', node.inputs, { alpha: float(alpha), gamma: float(gamma) });
}

function renamed(op: string): Adapter {
  return (node) => node.finish(op);
}

/** The modes were named for images. @see ONNX GridSample-16 */
function gridSample(node: SourceOp): void {
  const mode = node.attributes
    .string('mode', 'bilinear')
    .replace('bilinear', 'linear')
    .replace('bicubic', 'cubic');
  node.finish('GridSample', node.inputs, node.attributes.with({ mode: string(mode) }));
}

/** The axis became an input, which may count from the back. @see ONNX DFT-17 */
function dft(node: SourceOp): void {
  const axis = node.constant(
    new Tensor('int64', BigInt64Array.of(BigInt(node.attributes.int('axis', 1))), []),
    'axis',
  );
  node.finish('DFT', [node.need(0), node.input(1), axis], node.without('axis'));
}

/** Half pixels became the default in opset 16. */
function roiAlign(node: SourceOp): void {
  const mode = string('output_half_pixel');
  node.finish('RoiAlign', node.inputs, node.attributes.with({ coordinate_transformation_mode: mode }));
}

/** `output_dtype` of 0 is the same as none; `precision` and `saturate` speak of types outside the IR. */
function quantizeLinear(node: SourceOp): void {
  const attributes = node.without('saturate');
  const isPlain =
    attributes.int('precision', 0) === 0 || attributes.int('precision') === elementTypeNumber('float32');
  if (!isPlain) throw node.unsupported(`it divides in type ${attributes.int('precision')}`);
  const hasType = attributes.int('output_dtype', 0) !== 0;
  node.finish(
    node.op,
    node.inputs,
    attributes.with({ precision: undefined, ...(hasType ? {} : { output_dtype: undefined }) }),
  );
}

export const smallChangeAdapters: AdapterTable = {
  Dropout: [{ before: Infinity, adapt: dropout }],
  Concat: [{ before: 4, adapt: concat }],
  RNN: [{ before: 7, adapt: recurrent }],
  GRU: [{ before: 7, adapt: recurrent }],
  LSTM: [{ before: 7, adapt: recurrent }],
  LpPool: [{ before: 2, adapt: norm }],
  GlobalLpPool: [{ before: 2, adapt: norm }],
  Selu: [{ before: 6, adapt: selu }],
  Scatter: [{ before: Infinity, adapt: renamed('ScatterElements') }],
  GridSample: [{ before: 20, adapt: gridSample }],
  DFT: [{ before: 20, adapt: dft }],
  RoiAlign: [{ before: 16, adapt: roiAlign }],
  QuantizeLinear: [{ before: Infinity, adapt: quantizeLinear }],
  DequantizeLinear: [{ before: Infinity, adapt: quantizeLinear }],
};
