import { type Tensor, toFloat32 } from '@espalier/core';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { leftRows } from '../steps/matrix.js';
import { isFloat32Value, needed } from '../steps/operands.js';

/** Columns that the kernel takes at a time. */
const PANEL = 4;

/** Elements of a row at most: sums of products of codes of 8 bits then fit 32. */
const longestRow = 65_000;

/** x on a grid of its own range, times integer weights; the result in float32. */
export function planDynamicProduct(job: Job): Planned | Refusal {
  const [x, codes, scale, bias] = job.node.inputs;
  const [weights, scales] = [job.constant(codes), job.constant(scale)];
  if (!isFloat32Value(x) || weights === null || scales === null) return refuse('it is not float32');
  const [k = 0, n = 0] = weights.dims;
  const stride = Math.ceil(k / 8) * 8;
  if (stride > longestRow) return refuse('its sums do not fit 32 bits');
  const { heap } = job.workspace;
  const placed = heap.place(panelsOf(weights, k, n, stride));
  const perColumn = heap.place(repeated(scales, n));
  const biases = heap.place(repeated(job.constant(bias), n));
  const { low, high } = job.clamp;
  const compute: Compute = (inputs, recorder) => {
    const input = needed(inputs, 0, job);
    const m = leftRows(job, input.dims, k);
    const y = Activation.reals(recorder, [...input.dims.slice(0, -1), n], 'row-major');
    const [from, to] = [input.reals('row-major'), y.reals('row-major')];
    const a = recorder.scratch(m * stride * 2);
    const unit = recorder.scratch(4);
    recorder.call('dynamicCodes', [m, k, from, a, stride, unit]);
    recorder.split('gemmDynamic', Math.ceil(n / PANEL), m * n * k, ({ first, end }) => {
      const start = first * PANEL;
      const columns = Math.min(end * PANEL, n) - start;
      const [b, own, plus] = [placed + start * stride, perColumn + start * 4, biases + start * 4];
      return [m, columns, stride, a, b, unit, own, plus, to.plus(start * 4), n, low, high];
    });
    return [y];
  };
  return { compute, packed: [1, 2, 3] };
}

/** Panels of four columns, each with 8 weights in turn: what `gemmDynamic` reads. */
function panelsOf(weights: Tensor, k: number, n: number, stride: number): Int8Array {
  const codes = weights.data as Int8Array; // `fuseDynamicProducts` looked at the type
  const panels = new Int8Array(Math.ceil(n / PANEL) * PANEL * stride);
  for (let i = 0; i < k; i++) {
    const row = (i >> 3) * 8 * PANEL + (i & 7);
    for (let c = 0; c < n; c++)
      panels[Math.floor(c / PANEL) * PANEL * stride + row + (c % PANEL) * 8] = codes[i * n + c] as number; // i < k, c < n
  }
  return panels;
}

/** One number a column; zeros where there are none. */
function repeated(tensor: Tensor | null, n: number): Float32Array {
  const values = tensor === null ? new Float32Array(1) : toFloat32(tensor);
  return values.length === n ? values : new Float32Array(n).fill(values[0] ?? 0);
}
