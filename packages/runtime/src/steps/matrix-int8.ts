import { gemmI8ScratchBytes, packedGemmI8Bytes, placeGemmI8, requantizeMultiplier } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { Grid } from '../memory/grid.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { readIntegerProduct, weightOf } from './integer-weights.js';
import { batchedProduct, leftRows, matrixShape, ranksAllowBatches } from './matrix.js';
import { gridOfValue, knownRows, needed } from './operands.js';

/** Gemm of codes with integer weights. */
export function planGemmInt8(job: Job): Planned | Refusal {
  const { attributes } = job.node;
  if (attributes.int('transA', 0) === 1) return refuse('transA is not implemented');
  if (attributes.float('alpha', 1) !== 1 || attributes.float('beta', 1) !== 1)
    return refuse('it scales its result');
  return planProduct(job, attributes.int('transB', 0) === 1);
}

/** MatMul of codes: by integer weights, or by codes of another activation. */
export function planMatMulInt8(job: Job): Planned | Refusal {
  const constant = job.node.inputs[1]?.constant != null;
  return constant ? planProduct(job, false) : planRunTimeProduct(job, packingFloat32);
}

/** How a matrix that is only known at run time is packed. */
export interface RunTimePacking {
  readonly kernel: 'packGemmBI8' | 'packGemmBFixedI8';
  /** What turns the sums into codes, as the kernel takes it. */
  multiplier(job: Job, a: Grid, b: Grid, y: Grid): number;
}

const packingFloat32: RunTimePacking = {
  kernel: 'packGemmBI8',
  multiplier: (_, a, b, y) => requantizeMultiplier(a.scale, b.scale, y.scale),
};

function planProduct(job: Job, transposed: boolean): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const shape = matrixShape(weight.dims, transposed);
  if (shape === null) return refuse('its weights are no matrix');
  const { k, n } = shape;
  const product = readIntegerProduct(job, weight, transposed ? 0 : 1, n, k);
  if ('reason' in product) return product;
  const { x, y, low, high } = product;
  const expectedRows = knownRows(job.outputs[0], -1);
  const parts = { ...shape, ...product, data: weight.codes, expectedRows, inputZero: x.zero };
  const { kernels } = job.workspace;
  const packed = placeGemmI8(kernels, parts, kernels.weightFormat);
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const m = leftRows(job, input.dims, k);
    const output = Activation.codes(recorder, [...input.dims.slice(0, -1), n], 'row-major', y);
    const [from, to] = [input.codes('row-major'), output.codes('row-major')];
    recorder.split('gemmI8', m, m * n * k, ({ first, end }) => {
      const rows = end - first;
      const bytes = gemmI8ScratchBytes(rows, k);
      const [a, c] = [from.plus(first * k), to.plus(first * n)];
      return [rows, n, k, a, k, packed, c, n, x.zero, y.zero, low, high, recorder.scratch(bytes), bytes];
    });
    return [output];
  };
  return { compute, packed: [1, 2] };
}

/** MatMul of two activations. */
export function planRunTimeProduct(job: Job, packing: RunTimePacking): Planned | Refusal {
  const [a, b, y] = [job.node.inputs[0], job.node.inputs[1], job.outputs[0]].map(gridOfValue);
  if (a == null || b == null || y == null) return refuse('it is not quantized');
  if (!ranksAllowBatches(job)) return refuse('a product with a vector has no kernel');
  const { kernel } = packing;
  const multiplier = packing.multiplier(job, a, b, y);
  const [low, high] = [job.form.codeOf(job.clamp.low, y), job.form.codeOf(job.clamp.high, y)];
  const compute: Compute = (inputs, recorder) => {
    const [left, right] = [needed(inputs, 0, job), needed(inputs, 1, job)];
    const { batchDims, m, k, n, pairs } = batchedProduct(job, left.dims, right.dims);
    const output = Activation.codes(recorder, [...batchDims, m, n], 'row-major', y);
    const [fromA, fromB, to] = [left.codes('row-major'), right.codes('row-major'), output.codes('row-major')];
    const bytes = gemmI8ScratchBytes(m, k);
    const packed = recorder.scratch(packedGemmI8Bytes(n, k, job.form.multipliers));
    const scratch = recorder.scratch(bytes);
    recorder.sequence(pairs.length, (index) => {
      const [p, q] = pairs.at(index);
      const [at, result] = [fromA.plus(p * m * k), to.plus(index * m * n)];
      return [
        { kernel, args: [n, k, fromB.plus(q * k * n), n, 1, b.zero, 0, multiplier, packed] },
        {
          kernel: 'gemmI8',
          args: [m, n, k, at, k, packed, result, n, a.zero, y.zero, low, high, scratch, bytes],
          macs: m * n * k,
        },
      ];
    });
    return [output];
  };
  return { compute };
}
