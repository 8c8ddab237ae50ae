import { espalierDomain, kernelFor, type Node, type OperatorKernel } from '@espalier/core';
import { planArithmeticFloat32, planArithmeticInt8 } from '../steps/arithmetic.js';
import { planConcatFloat32, planConcatInt8 } from '../steps/concat.js';
import { planConvFloat32, planConvInt8 } from '../steps/conv.js';
import {
  elementwiseOperators,
  planClampFloat32,
  planElementwiseInt8,
  planElementwisePlain,
} from '../steps/elementwise.js';
import { planGemmFloat32, planMatMulFloat32 } from '../steps/matrix.js';
import { planGemmInt8, planMatMulInt8 } from '../steps/matrix-int8.js';
import {
  movementOperators,
  planAxisOperatorPlain,
  planMovementFloat32,
  planMovementInt8,
  planPadFloat32,
  planPadInt8,
} from '../steps/movement.js';
import { planBatchNormalization } from '../steps/normalize.js';
import { planByKernel, planPlain } from '../steps/plain.js';
import { planAveragePool, planGlobalAveragePool, planGlobalMaxPoolInt8, planMaxPool } from '../steps/pool.js';
import { planReduce, reducingOperators } from '../steps/reduce.js';
import { planReshape, reshapingOperators } from '../steps/reshape.js';
import { planShape } from '../steps/shape.js';
import { planSoftmax } from '../steps/softmax.js';
import { planSoftmaxInt8 } from '../steps/softmax-int8.js';
import { planSparseConvFloat32, planSparseConvInt8 } from '../steps/sparse-conv.js';
import {
  planSparseGemmFloat32,
  planSparseGemmInt8,
  planSparseMatMulFloat32,
  planSparseMatMulInt8,
} from '../steps/sparse-matrix.js';
import { planTranspose } from '../steps/transpose.js';
import { planPow, planUnary, unaryOperators } from '../steps/unary.js';
import { type CapabilitiesOf, type Capability, can, canClamp } from './job.js';

const byTable: Capability = canClamp('int8', planElementwiseInt8);
const elementByElement: Capability = can('typescript', planElementwisePlain);
const clamp: Capability = canClamp('float32', planClampFloat32);
const unary: Capability = can('float32', planUnary);
const plain: Capability = can('typescript', planPlain);
const axisByAxis: Capability = can('typescript', planAxisOperatorPlain);
const move: Capability = can('int8', planMovementInt8);
const reduce: Capability = can('float32', planReduce);
const softmax: Capability = can('float32', planSoftmax);
const moveReals: Capability = can('float32', planMovementFloat32);
const reshapeCodes: Capability = can('int8', planReshape(true));
const reshapeReals: Capability = can('float32', planReshape(false));

/**
 * What runs which operator: the first that takes a node computes it. Operators that are not listed have
 * their plain implementation only, which is the last resort of all.
 *
 * int8 wants quantized inputs and results; float32 wants float32. What else a row wants it says when it
 * refuses a node.
 */
const usual: Readonly<Record<string, readonly Capability[]>> = {
  ...Object.fromEntries(elementwiseOperators.map((op) => [op, [byTable, elementByElement]])),
  ...Object.fromEntries(unaryOperators.map((op) => [op, [byTable, unary, elementByElement]])),
  ...Object.fromEntries(reducingOperators.map((op) => [op, [reduce]])),
  ...Object.fromEntries(movementOperators.map((op) => [op, [move, moveReals]])),
  ...Object.fromEntries(reshapingOperators.map((op) => [op, [reshapeCodes, move, reshapeReals]])),
  Add: [canClamp('int8', planArithmeticInt8('Add')), canClamp('float32', planArithmeticFloat32('addF32'))],
  AveragePool: [can('int8', planAveragePool(true)), can('float32', planAveragePool(false))],
  BatchNormalization: [canClamp('float32', planBatchNormalization)],
  Clip: [byTable, clamp],
  Concat: [can('int8', planConcatInt8), can('float32', planConcatFloat32)],
  Conv: [
    canClamp('int8', planSparseConvInt8),
    canClamp('int8', planConvInt8),
    canClamp('float32', planSparseConvFloat32),
    canClamp('float32', planConvFloat32),
  ],
  Div: [canClamp('float32', planArithmeticFloat32('divF32'))],
  Gemm: [
    canClamp('int8', planSparseGemmInt8),
    canClamp('int8', planGemmInt8),
    canClamp('float32', planSparseGemmFloat32),
    canClamp('float32', planGemmFloat32),
  ],
  GlobalAveragePool: [can('int8', planGlobalAveragePool(true)), can('float32', planGlobalAveragePool(false))],
  MatMul: [
    canClamp('int8', planSparseMatMulInt8),
    canClamp('int8', planMatMulInt8),
    canClamp('float32', planSparseMatMulFloat32),
    canClamp('float32', planMatMulFloat32),
  ],
  GlobalMaxPool: [can('int8', planGlobalMaxPoolInt8), reduce],
  LogSoftmax: [softmax],
  MaxPool: [can('int8', planMaxPool(true)), can('float32', planMaxPool(false))],
  Mul: [canClamp('int8', planArithmeticInt8('Mul')), canClamp('float32', planArithmeticFloat32('mulF32'))],
  Pad: [can('int8', planPadInt8), can('float32', planPadFloat32), axisByAxis],
  Pow: [can('float32', planPow)],
  PRelu: [canClamp('float32', planArithmeticFloat32('preluF32'))],
  ReduceMean: [
    can('int8', planGlobalAveragePool(true)),
    can('float32', planGlobalAveragePool(false)),
    reduce,
  ],
  Relu: [byTable, clamp],
  Shape: [can('typescript', planShape)],
  Size: [can('typescript', planShape)],
  Softmax: [can('int8', planSoftmaxInt8), softmax],
  Transpose: [can('int8', planTranspose(true)), can('float32', planTranspose(false)), move, moveReals],
  Sub: [canClamp('int8', planArithmeticInt8('Sub')), canClamp('float32', planArithmeticFloat32('subF32'))],
};

/** Operators whose steps are a module of their own, `further-capabilities.ts`: few networks of convolutions have one. */
const furtherOperators = [
  'ConvTranspose',
  'Expand',
  'GRU',
  'GroupNormalization',
  'InstanceNormalization',
  'LSTM',
  'LayerNormalization',
  'Max',
  'Min',
  'RMSNormalization',
  'Resize',
  'Slice',
  'Split',
] as const;

export type FurtherOperator = (typeof furtherOperators)[number];

const further: ReadonlySet<string> = new Set(furtherOperators);

/** What tells the ways to compute these nodes. Of others it knows the usual operators. */
export async function capabilitiesFor(
  nodes: Iterable<Node>,
  kernels: readonly OperatorKernel[] = [],
): Promise<CapabilitiesOf> {
  const wanted = [...nodes].filter(({ domain, op }) => domain === '' && further.has(op));
  const more =
    wanted.length > 0 ? await (await import('./further-capabilities.js')).capabilitiesOf(wanted) : {};
  const all: Readonly<Record<string, readonly Capability[]>> = { ...usual, ...more };
  return (node) => {
    const kernel = kernelFor(kernels, node);
    if (kernel !== undefined) return [can('typescript', planByKernel(kernel))];
    const fast = node.domain === '' && Object.hasOwn(all, node.op) ? all[node.op] : undefined;
    return [...(fast ?? []), plain];
  };
}

/** Whether a node is computed by its plain operator, as far as its name tells. */
export function isPlain({ domain, op }: Node): boolean {
  if (domain !== '') return domain !== espalierDomain;
  if (further.has(op)) return false;
  if (!Object.hasOwn(usual, op)) return true;
  // Mostly by the kernel: where that refuses a node, the plain operators are loaded then.
  const found = usual[op] ?? [];
  return found.includes(elementByElement) && !found.includes(unary);
}
