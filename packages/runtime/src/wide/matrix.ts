import { fixedPoint } from '@espalier/kernels';
import { GEMM_I16_SCRATCH_BYTES, packGemmI16, runTimeMultiplier } from '@espalier/kernels/wide';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { weightOf } from '../steps/integer-weights.js';
import { batchedProduct, leftRows, matrixShape, ranksAllowBatches } from '../steps/matrix.js';
import { needed } from '../steps/operands.js';
import { boundsOf, codeGridOf, wideCodes, wideRoom } from './codes.js';
import { readWideProduct, sumsTooLarge } from './product.js';

/** Gemm of int16 by int8 weights. @see FullyConnected in tensorflow/lite/kernels/internal/reference/integer_ops/fully_connected.h */
export function planGemmI16(job: Job): Planned | Refusal {
  const { attributes } = job.node;
  if (attributes.int('transA', 0) === 1) return refuse('transA is not implemented');
  if (attributes.float('alpha', 1) !== 1 || attributes.float('beta', 1) !== 1)
    return refuse('it scales its result');
  return planProduct(job, attributes.int('transB', 0) === 1);
}

/** MatMul of int16: by int8 weights, or by int16. */
export function planMatMulI16(job: Job): Planned | Refusal {
  return job.node.inputs[1]?.constant == null ? planRunTimeProduct(job) : planProduct(job, false);
}

function planProduct(job: Job, transposed: boolean): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const shape = matrixShape(weight.dims, transposed);
  if (shape === null) return refuse('its weights are no matrix');
  const { k, n } = shape;
  const product = readWideProduct(job, weight, transposed ? 0 : 1, n);
  if ('reason' in product) return product;
  const packed = packGemmI16({ ...shape, ...product });
  if (packed === null) return sumsTooLarge;
  const at = job.workspace.heap.place(packed);
  const { y, low, high } = product;
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const m = leftRows(job, input.dims, k);
    const from = wideCodes(recorder, input, 'row-major');
    const room = wideRoom(recorder, [...input.dims.slice(0, -1), n], 'row-major', y);
    recorder.split('gemmI16', m, m * n * k, ({ first, end }) => {
      const [a, c] = [from.plus(first * k * 2), room.to.plus(first * n * 2)];
      const scratch = recorder.scratch(GEMM_I16_SCRATCH_BYTES);
      return [end - first, n, k, a, k, at, c, n, y.zero, low, high, scratch];
    });
    room.settle();
    return [room.y];
  };
  return { compute, packed: [1, 2] };
}

/** Elements of a row for which sums of 64 bits are exact: products are of up to 32. */
const mostElements = 2 ** 15;

/** MatMul of two activations; their product of scales is one of float32 in TensorFlow Lite. @see EvalInt16 in micro/kernels/batch_matmul.cc */
function planRunTimeProduct(job: Job): Planned | Refusal {
  const [a, b, y] = [job.node.inputs[0], job.node.inputs[1], job.outputs[0]].map(codeGridOf);
  if (a == null || b == null || y == null) return refuse('it is not quantized');
  if (!ranksAllowBatches(job)) return refuse('a product with a vector has no kernel');
  const isFixed = job.form.rule !== 'onnx';
  if (isFixed && !(a.wide && b.wide && y.wide)) return refuse('its operands have different widths');
  const factor = isFixed ? Math.fround(a.scale * b.scale) / y.scale : (a.scale * b.scale) / y.scale;
  if (isFixed && fixedPoint(factor).shift > 7) return refuse('the scale of its result is too small');
  const multiplier = job.workspace.heap.place(runTimeMultiplier(isFixed ? 'short' : 'nearest', factor));
  const [low, high] = boundsOf(job, y);
  const compute: Compute = (inputs, recorder) => {
    const [left, right] = [needed(inputs, 0, job), needed(inputs, 1, job)];
    const { batchDims, m, k, n, pairs } = batchedProduct(job, left.dims, right.dims);
    if (k > mostElements) throw new RangeError(`sums of ${k} products are not exact`);
    const [fromA, fromB] = [wideCodes(recorder, left, 'row-major'), wideCodes(recorder, right, 'row-major')];
    const room = wideRoom(recorder, [...batchDims, m, n], 'row-major', y);
    recorder.sequence(pairs.length, (index) => {
      const [p, q] = pairs.at(index);
      const places = [fromA.plus(p * m * k * 2), fromB.plus(q * k * n * 2), room.to.plus(index * m * n * 2)];
      const args = [m, n, k, ...places, a.zero, b.zero, multiplier, isFixed ? 1 : 0, y.zero, low, high];
      return [{ kernel: 'matMulI16', args, macs: m * n * k }];
    });
    room.settle();
    return [room.y];
  };
  return { compute };
}
