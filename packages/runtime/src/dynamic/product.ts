import { elementCount } from '@espalier/core';
import {
  dynamicPanelBytes,
  dynamicScratchBytes,
  packMatrixDynamic,
  UNIT_BYTES,
  weightFormatNumber,
} from '@espalier/kernels/dynamic';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { leftRows, matrixShape } from '../steps/matrix.js';
import { needed } from '../steps/operands.js';
import { rangeCodes, wayOf } from './codes.js';
import { readColumns } from './columns.js';
import { rangesOf } from './product-node.js';

/** Columns that are packed together. */
const PANEL = 8;
/** Rows from which parts of some of them read weights often enough. */
const MANY_ROWS = 32;

/** Gemm or MatMul of codes of run-time ranges by int8 weights; the result in float32. */
export function planDynamicProduct(job: Job): Planned | Refusal {
  const { attributes, op } = job.node;
  const transposed = op === 'Gemm' && attributes.int('transB', 0) === 1;
  const isScaled = attributes.float('alpha', 1) !== 1 || attributes.float('beta', 1) !== 1;
  if (op === 'Gemm' && (isScaled || attributes.int('transA', 0) === 1))
    return refuse('it is more than a product');
  const columns = readColumns(job, transposed ? 0 : 1);
  if ('reason' in columns) return columns;
  const shape = matrixShape(columns.dims, transposed);
  if (shape === null) return refuse('its weights are no matrix');
  const { k, n } = shape;
  const { weightFormat } = job.workspace.kernels;
  const weights = job.workspace.heap.place(packMatrixDynamic({ ...columns, ...shape }, weightFormat));
  const isEach = rangesOf(job.node) === 'vector';
  const way = wayOf(job.form);
  const tail = [way, weightFormatNumber(weightFormat)];
  const scratchBytes = dynamicScratchBytes(k);
  const { low, high } = job.clamp;
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const m = leftRows(job, x.dims, k);
    const y = Activation.reals(recorder, [...x.dims.slice(0, -1), n], 'row-major');
    const to = y.reals('row-major');
    const ranges = isEach ? { ranges: m, count: k } : { ranges: 1, count: elementCount(x.dims) };
    const { codes, units } = rangeCodes(recorder, way, x.reals('row-major'), ranges);
    const step = isEach ? UNIT_BYTES : 0;
    if (m >= MANY_ROWS) {
      recorder.split('gemmDynamic', m, m * n * k, ({ first, end }) => {
        const head = [end - first, n, k, codes.plus(first * k), k, units.plus(first * step), step];
        const scratch = [recorder.scratch(scratchBytes), scratchBytes];
        return [...head, weights, to.plus(first * n * 4), n, low, high, ...tail, ...scratch];
      });
      return [y];
    }
    // Few rows wait for weights: each thread reads some panels of 8 columns.
    recorder.split('gemmDynamic', Math.ceil(n / PANEL), m * n * k, ({ first, end }) => {
      const own = Math.min(end * PANEL, n) - first * PANEL;
      const scratch = [recorder.scratch(scratchBytes), scratchBytes];
      const panel = weights + first * dynamicPanelBytes(k);
      const place = [panel, to.plus(first * PANEL * 4), n];
      return [m, own, k, codes, k, units, step, ...place, low, high, ...tail, ...scratch];
    });
    return [y];
  };
  return { compute, packed: [1, 2] };
}
