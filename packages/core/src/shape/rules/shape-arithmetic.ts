import { type Dim, unknownDim } from '../../ir/value-type.js';
import { isFloat } from '../../tensor/data-type.js';
import { multiplyDims, sameDim } from '../dims.js';
import type { Contents, NodeView } from '../node-view.js';

/** One element of a result from one element of each operand. */
type Arithmetic = (a: Dim, b: Dim) => Dim;

function add(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === 0) return b;
  return b === 0 ? a : unknownDim;
}

function subtract(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (sameDim(a, b)) return 0;
  return b === 0 ? a : unknownDim;
}

function multiply(a: Dim, b: Dim): Dim {
  return multiplyDims([a, b]);
}

/** Integers are divided towards zero, as ONNX says since opset 14. */
function divide(integer: boolean): Arithmetic {
  return (a, b) => {
    if (b === 1) return a;
    if (typeof a === 'number' && typeof b === 'number')
      return b === 0 ? unknownDim : integer ? Math.trunc(a / b) : a / b;
    return sameDim(a, b) ? 1 : unknownDim;
  };
}

function numeric(f: (a: number, b: number) => number): Arithmetic {
  return (a, b) => (typeof a === 'number' && typeof b === 'number' ? f(a, b) : unknownDim);
}

/** A size that has a name is never negative: that decides comparisons with -1. */
function equal(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return Number(a === b);
  if (sameDim(a, b)) return 1;
  const number = typeof a === 'number' ? a : b;
  const name = typeof a === 'number' ? b : a;
  return typeof number === 'number' && number < 0 && name !== unknownDim ? 0 : unknownDim;
}

const binary: Readonly<Record<string, (integer: boolean) => Arithmetic>> = {
  Add: () => add,
  Sub: () => subtract,
  Mul: () => multiply,
  Div: divide,
  Mod: () => numeric((a, b) => (b === 0 ? Number.NaN : a - b * Math.floor(a / b))),
  Max: () => numeric(Math.max),
  Min: () => numeric(Math.min),
  Equal: () => equal,
};

const unary: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
};

/** The operators that shapes are computed with element by element. */
export const arithmeticOperators: readonly string[] = [
  ...Object.keys(binary),
  ...Object.keys(unary),
  'Where',
];

/** What is known of the result of one of `arithmeticOperators`. */
export function evaluateArithmetic(view: NodeView): readonly (Contents | null)[] {
  const operands = view.node.inputs.map((_, index) => view.contents(index));
  if (operands.length === 0 || operands.some((operand) => operand === null)) return [null];
  const known = operands as Contents[]; // no null among them: checked above
  const length = Math.max(...known.map((operand) => operand.length));
  if (known.some((operand) => operand.length !== 1 && operand.length !== length)) return [null];
  const compute = elementFunction(view);
  const at = (operand: Contents, i: number): Dim => operand[operand.length === 1 ? 0 : i] ?? unknownDim;
  return [Array.from({ length }, (_, i) => finite(compute(known.map((operand) => at(operand, i)))))];
}

function elementFunction(view: NodeView): (operands: readonly Dim[]) => Dim {
  const { op } = view;
  if (op === 'Where') {
    return ([condition, yes = unknownDim, no = unknownDim]) => {
      if (typeof condition === 'number') return condition !== 0 ? yes : no;
      return yes === no ? yes : unknownDim;
    };
  }
  const one = unary[op];
  if (one !== undefined) {
    return ([x]) => (typeof x === 'number' ? one(x) : op === 'Neg' ? unknownDim : (x ?? unknownDim));
  }
  const dtype = view.dtype(0) ?? view.dtype(1);
  const two = binary[op]?.(dtype !== null && !isFloat(dtype));
  return (operands) => {
    const [first = unknownDim, ...rest] = operands;
    return rest.reduce((a, b) => two?.(a, b) ?? unknownDim, first);
  };
}

function finite(x: Dim): Dim {
  return typeof x === 'number' && Number.isNaN(x) ? unknownDim : x;
}
