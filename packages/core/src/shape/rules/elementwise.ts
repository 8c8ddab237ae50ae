import { ModelError } from '../../errors/errors.js';
import type { DataType } from '../../tensor/data-type.js';
import { broadcastDims, type Dims, printDims } from '../dims.js';
import type { NodeView } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';

/** One output like the first input. */
const sameAsFirst: ShapeRule = {
  infer: (view) => [{ dtype: view.dtype(0), dims: view.dims(0) }],
};

/** One output like the first input, of `least` inputs. */
export function like(least: number): ShapeRule {
  return { ...sameAsFirst, least };
}

/** One output shaped like the first input, of another element type. */
function shapedLikeFirst(dtype: DataType): ShapeRule {
  return { infer: (view) => [{ dtype, dims: view.dims(0) }] };
}

/** The shape that the given inputs broadcast to. */
function broadcastInputs(view: NodeView, indices: readonly number[]): Dims | null {
  const shapes: Dims[] = [];
  for (const index of indices) {
    const dims = view.dims(index);
    if (dims === null) return null;
    shapes.push(dims);
  }
  const dims = broadcastDims(shapes);
  if (dims !== null) return dims;
  throw view.fail(`Inputs of the shapes ${shapes.map(printDims).join(' and ')} do not broadcast.`);
}

/** Inputs of one type that broadcast; the output has that type, or `dtype`. */
export function broadcast(least: number, dtype?: DataType): ShapeRule {
  return {
    least,
    infer(view) {
      const all = [...view.node.inputs.keys()];
      return [{ dtype: dtype ?? commonType(view, all), dims: broadcastInputs(view, all) }];
    },
  };
}

/** The element type that the given inputs have in common. */
function commonType(view: NodeView, indices: readonly number[]): DataType | null {
  let common: DataType | null = null;
  for (const index of indices) {
    const dtype = view.dtype(index);
    if (dtype === null || dtype === common) continue;
    if (common !== null) {
      throw new ModelError({
        what: `${view.op}: inputs have the types ${common} and ${dtype}; one type is expected.`,
        where: view.where,
        fix: 'Put a Cast in between.',
      });
    }
    common = dtype;
  }
  return common;
}

function families(names: string, rule: ShapeRule): ShapeRules {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, rule]));
}

/** Comparisons check their input types too, though their output is bool. */
const comparison: ShapeRule = {
  least: 2,
  infer(view) {
    commonType(view, [0, 1]);
    return [{ dtype: 'bool', dims: broadcastInputs(view, [0, 1]) }];
  },
};

export const elementwiseRules: ShapeRules = {
  ...families(
    `Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid
    HardSwish Hardmax Identity LeakyRelu Log LogSoftmax Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid
    Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu Bernoulli`,
    sameAsFirst,
  ),
  ...families('CumSum CumProd ReverseSequence', like(2)),
  ...families('Add Sub Mul Div And Or Xor Mod BitwiseAnd BitwiseOr BitwiseXor BitShift', broadcast(2)),
  ...families('Max Min Sum Mean', broadcast(1)),
  ...families('Equal Greater GreaterOrEqual Less LessOrEqual', comparison),
  ...families('IsNaN IsInf', shapedLikeFirst('bool')),
  PRelu: like(2),
  // The exponent may have a type of its own.
  Pow: { least: 2, infer: (view) => [{ dtype: view.dtype(0), dims: broadcastInputs(view, [0, 1]) }] },
  Where: {
    least: 3,
    infer: (view) => [{ dtype: commonType(view, [1, 2]), dims: broadcastInputs(view, [0, 1, 2]) }],
  },
  SwiGLU: { least: 2, infer: (view) => [{ dtype: view.dtype(0), dims: broadcastInputs(view, [0, 1]) }] },
  Dropout: {
    infer: (view) => [
      { dtype: view.dtype(0), dims: view.dims(0) },
      { dtype: 'bool', dims: view.dims(0) },
    ],
  },
};
