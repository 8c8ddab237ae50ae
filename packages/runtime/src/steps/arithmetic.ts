import { Activation } from '../memory/activation.js';
import { codeOf, type Grid } from '../memory/grid.js';
import type { Workspace } from '../memory/workspace.js';
import { type Job, type Planned, type Planner, type Refusal, refuse } from '../plan/job.js';
import { gridOfValue, integerWeight, isFloat32Value } from './operands.js';
import { pairStep } from './pair.js';

type FloatKernel = 'addF32' | 'subF32' | 'mulF32' | 'divF32' | 'preluF32';

/** Add, Sub, Mul, Div and PRelu in float32. */
export function planArithmeticFloat32(name: FloatKernel): Planner {
  return (job) => {
    const [a, b] = job.node.inputs;
    if (!isFloat32Value(a) || !isFloat32Value(b)) return refuse('it is not float32');
    const { clamp } = job;
    const compute = pairStep(job, {
      element: 'real',
      grid: null,
      commutes: name === 'addF32' || name === 'mulF32',
      // ONNX PRelu: the slope broadcasts to the input, not the other way.
      keepsFirst: name === 'preluF32',
      kernel: name,
      argsOf: ({ rows, columns, bRowStride, bColumnStride }, x, y, to) => {
        return [rows, columns, x, y, bRowStride, bColumnStride, to, clamp.low, clamp.high];
      },
    });
    return { compute };
  };
}

/** Add, Sub and Mul in int8, where both operands and the result are quantized. */
export function planArithmeticInt8(operator: 'Add' | 'Sub' | 'Mul'): Planner {
  // The kernel adds reals, codes times a scale each: the difference is a sum with the second scale below zero.
  const sign = operator === 'Sub' ? -1 : 1;
  return (job): Planned | Refusal => {
    const held = heldOperands(job);
    const grids = job.node.inputs.map((value, index) => held.get(index)?.grid ?? gridOfValue(value));
    const [a, second] = grids;
    const y = gridOfValue(job.outputs[0]);
    if (a == null || second == null || y === null) return refuse('it is not quantized');
    const b = { ...second, scale: sign * second.scale };
    const low = codeOf(job.clamp.low, y);
    const high = codeOf(job.clamp.high, y);
    const compute = pairStep(job, {
      element: 'code',
      grid: y,
      commutes: true,
      held,
      kernel: operator === 'Mul' ? 'mulI8' : 'addI8',
      argsOf: ({ rows, columns, bRowStride, bColumnStride }, x, other, to, swapped) => {
        const [p, q] = swapped ? [b, a] : [a, b];
        const grids = [p.scale, p.zero, q.scale, q.zero, y.scale, y.zero];
        return [rows, columns, x, other, bRowStride, bColumnStride, to, ...grids, low, high];
      },
    });
    return { compute, packed: [...held.keys()] };
  };
}

/** Operands that are constants on a grid, as codes in kernel memory. */
export function heldOperands({ node, workspace }: Job): ReadonlyMap<number, Activation> {
  const held = new Map<number, Activation>();
  for (const [index, value] of node.inputs.entries()) {
    const weight = integerWeight(value);
    if (weight === null || weight.axis !== null) continue;
    const shift = weight.codes instanceof Uint8Array ? 128 : 0;
    const grid = { scale: weight.scale[0] ?? 1, zero: (weight.zeroPoint[0] ?? 0) - shift };
    const codes = Int8Array.from(weight.codes, (code) => code - shift);
    held.set(index, codesOf(workspace, codes, weight.dims, grid));
  }
  return held;
}

function codesOf(workspace: Workspace, codes: Int8Array, dims: readonly number[], grid: Grid): Activation {
  const activation = Activation.fixedCodes(workspace.held, dims, 'row-major', grid);
  activation.codeView('row-major').set(codes);
  return activation;
}
