import type { Attributes, DataType } from '@espalier/core';
import { erfc } from './erf.js';
import { unsupported } from './failures.js';
import { required } from './inputs.js';
import { mapElements, type UnaryFunction } from './map.js';
import type { NamedCall, OperatorDefinition, OperatorFamily } from './operator.js';
import { floatTypes, numericTypes, signedTypes } from './type-sets.js';

type MakeFunction = (attributes: Attributes, call: NamedCall) => UnaryFunction;

function activation(make: MakeFunction, types: readonly DataType[] = floatTypes): OperatorDefinition {
  return {
    types,
    run: (inputs, call) => [mapElements(required(inputs, 0, call), make(call.attributes, call), call)],
  };
}

/** 1 / (1 + e^-x): exp of a negative number only, so that nothing overflows. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** ln(1 + e^x), for large |x| too. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** x where it is not negative, else `negative(x)`; NaN stays NaN. */
function rectified(negative: (x: number) => number): UnaryFunction {
  return { number: (x) => (x < 0 ? negative(x) : x) };
}

/** max(0, min(1, alpha x + beta)); NaN stays NaN. */
export function hardSigmoid(x: number, alpha: number, beta: number): number {
  return Math.max(0, Math.min(1, alpha * x + beta));
}

/** Activations of one element. Defaults are those of the ONNX operators of the same names. */
export const activations: OperatorFamily = {
  Celu: activation((attributes) => {
    const alpha = attributes.float('alpha', 1);
    return rectified((x) => alpha * Math.expm1(x / alpha));
  }),
  Elu: activation((attributes) => {
    const alpha = attributes.float('alpha', 1);
    return rectified((x) => alpha * Math.expm1(x));
  }),
  Gelu: activation((attributes, call) => gelu(attributes.string('approximate', 'none'), call)),
  HardSigmoid: activation((attributes) => {
    const alpha = attributes.float('alpha', Math.fround(0.2));
    const beta = attributes.float('beta', 0.5);
    return { number: (x) => hardSigmoid(x, alpha, beta) };
  }),
  HardSwish: activation(() => ({ number: (x) => x * hardSigmoid(x, 1 / 6, 0.5) })),
  LeakyRelu: activation((attributes) => {
    const alpha = attributes.float('alpha', Math.fround(0.01));
    return rectified((x) => alpha * x);
  }),
  Mish: activation(() => ({ number: (x) => x * Math.tanh(softplus(x)) })),
  Relu: activation(() => ({ number: (x) => (x < 0 ? 0 : x), bigint: (x) => (x < 0n ? 0n : x) }), signedTypes),
  Selu: activation((attributes) => {
    const alpha = attributes.float('alpha', Math.fround(1.6732632));
    const gamma = attributes.float('gamma', Math.fround(1.050701));
    return { number: (x) => (x > 0 ? gamma * x : gamma * alpha * Math.expm1(x)) };
  }),
  Shrink: activation((attributes) => {
    const lambd = attributes.float('lambd', 0.5);
    const bias = attributes.float('bias', 0);
    return { number: (x) => (x < -lambd ? x + bias : x > lambd ? x - bias : 0) };
  }, numericTypes),
  Sigmoid: activation(() => ({ number: sigmoid })),
  Softplus: activation(() => ({ number: softplus })),
  Softsign: activation(() => ({ number: (x) => x / (1 + Math.abs(x)) })),
  Swish: activation((attributes) => {
    const alpha = attributes.float('alpha', 1);
    return { number: (x) => x * sigmoid(alpha * x) };
  }),
  ThresholdedRelu: activation((attributes) => {
    const alpha = attributes.float('alpha', 1);
    return { number: (x) => (x > alpha || Number.isNaN(x) ? x : 0) };
  }),
};

/**
 * x * P(X <= x) for a standard normal X.
 *
 * @see ONNX Gelu, opset 20; Hendrycks and Gimpel 2016 (arXiv:1606.08415)
 */
function gelu(approximate: string, call: NamedCall): UnaryFunction {
  // 1 + erf(z) written as erfc(-z): the sum cancels where x is very negative.
  if (approximate === 'none') return { number: (x) => 0.5 * x * erfc(-x * Math.SQRT1_2) };
  if (approximate === 'tanh') {
    const scale = Math.sqrt(2 / Math.PI);
    // 0.5 * (1 + tanh(y)) is sigmoid(2 y), which does not cancel either.
    return { number: (x) => x * sigmoid(2 * scale * (x + 0.044715 * x * x * x)) };
  }
  throw unsupported(call, `approximate "${approximate}" is unknown.`, 'Use "none" or "tanh".');
}
