import type { Node, Value } from '@espalier/core';
import { fixedPointMultipliers, multiplierBlock } from '@espalier/kernels';
import { sameGrid } from '../memory/grid.js';
import type { CapabilitiesOf, Capability, Job, Planned, Planner, Refusal } from '../plan/job.js';
import { planConvInt8 } from '../steps/conv.js';
import { planConvTransposeInt8 } from '../steps/conv-transpose-int8.js';
import {
  planGemmInt8,
  planMatMulInt8,
  planRunTimeProduct,
  type RunTimePacking,
} from '../steps/matrix-int8.js';
import { gridOfValue, wideGridOfValue } from '../steps/operands.js';
import { planProduct, planRescale, planSum } from './arithmetic.js';
import { planMean } from './mean.js';
import { planAveragePool } from './pool.js';
import { planResizeLinear } from './resize.js';
import { roundingOf } from './rounding.js';
import { planSoftmax } from './softmax.js';
import { clamping, hardSwishing, leakyRelu, planTable, requantizing, sigmoid, tanh } from './tables.js';

function byKernel(plan: Planner): readonly Capability[] {
  return [{ implementation: 'int8', plan, clamps: true }];
}

/** MatMul by weights, or of two activations. */
function planMatMul(job: Job): Planned | Refusal {
  const isConstant = job.node.inputs[1]?.constant != null;
  return isConstant ? planMatMulInt8(job) : planRunTimeProduct(job, packingFixedPoint);
}

/** The product of the scales is one of float32. @see PrepareBatchMatMul in micro/kernels/batch_matmul_common.cc */
const packingFixedPoint: RunTimePacking = {
  kernel: 'packGemmBFixedI8',
  multiplier: ({ form, workspace }, a, b, y) => {
    const factor = Math.fround(a.scale * b.scale) / y.scale;
    return workspace.heap.place(multiplierBlock(fixedPointMultipliers([factor], roundingOf(form.rule))));
  },
};

/** What computes new codes, by operator. */
export type Computing = Readonly<Record<string, readonly Capability[]>>;

/** Operators that compute new codes of 8 bits, each as TensorFlow Lite defines it. */
const computing: Computing = {
  Add: byKernel(planSum('addFixedI8')),
  AveragePool: byKernel(planAveragePool),
  Clip: byKernel(planTable(clamping)),
  Conv: byKernel(planConvInt8),
  ConvTranspose: byKernel(planConvTransposeInt8),
  Gemm: byKernel(planGemmInt8),
  GlobalAveragePool: byKernel(planMean),
  HardSwish: byKernel(planTable(hardSwishing)),
  Identity: byKernel(planTable(requantizing)),
  LeakyRelu: byKernel(planTable(leakyRelu)),
  MatMul: byKernel(planMatMul),
  Mul: [...byKernel(planRescale), ...byKernel(planProduct)],
  ReduceMean: byKernel(planMean),
  ReduceSum: byKernel(planMean),
  Relu: byKernel(planTable(clamping)),
  Resize: byKernel(planResizeLinear),
  Sigmoid: byKernel(planTable(sigmoid)),
  Softmax: byKernel(planSoftmax),
  Sub: byKernel(planSum('subFixedI8')),
  Tanh: byKernel(planTable(tanh)),
};

/** Operators whose results are elements of their inputs, or places of such: on one grid every rule gives the same. */
const selecting: ReadonlySet<string> = new Set([
  ...[
    'ArgMax',
    'ArgMin',
    'Concat',
    'DepthToSpace',
    'Dropout',
    'Expand',
    'Flatten',
    'Gather',
    'GatherElements',
  ],
  ...['GatherND', 'GlobalMaxPool', 'Identity', 'Max', 'MaxPool', 'Min', 'Pad', 'ReduceMax', 'ReduceMin'],
  ...['Reshape', 'Resize', 'Shape', 'Size', 'Slice', 'SpaceToDepth', 'Split', 'Squeeze', 'Tile', 'Transpose'],
  'Unsqueeze',
]);

/** Operators between tensors of codes and values on a grid. */
const borders: ReadonlySet<string> = new Set(['DequantizeLinear', 'Identity', 'QuantizeLinear']);

/**
 * The ways to compute a node by a rule of TensorFlow Lite; none where it has no form there.
 *
 * @param table - what computes new codes
 */
export function fixedPointCapabilities(
  node: Node,
  exact: CapabilitiesOf,
  table: Computing = computing,
): readonly Capability[] {
  const inputs = node.inputs.filter((value) => value !== null && value.constant === null);
  const all = [...inputs, ...node.outputs];
  // Float32 is the same in every rule.
  if (!all.some(isQuantized)) return exact(node);
  if (node.domain !== '') return [];
  if (borders.has(node.op) && !(inputs.every(isQuantized) && node.outputs.every(isQuantized))) {
    // Codes of 32 bits, and those of single channels, round their halves away from zero too: what is at hand does not.
    const isRounded = node.op === 'Identity' && isQuantized(node.outputs[0] ?? null);
    return isRounded && !isOnOneGrid(node.outputs) ? [] : exact(node);
  }
  if (selecting.has(node.op) && isOnOneGrid(all) && !makesValues(node)) return exact(node);
  return Object.hasOwn(table, node.op) ? (table[node.op] ?? []) : [];
}

function isQuantized(value: Value | null): boolean {
  return value?.type?.quantization !== undefined;
}

function isOnOneGrid(values: readonly (Value | null)[]): boolean {
  const grids = values.filter(isQuantized).map((value) => gridOfValue(value) ?? wideGridOfValue(value));
  const [first] = grids;
  return first != null && grids.every((grid) => grid !== null && sameGrid(grid, first));
}

/** A Resize that interpolates. */
function makesValues({ op, attributes }: Node): boolean {
  return op === 'Resize' && attributes.string('mode', 'nearest') !== 'nearest';
}
