import { GELU_CUBE, GELU_SCALE, MISH_END } from '../math-f32/constants';
import {
  atLeast, atMost, erfOne, expm1One, expOne, logOne, normalTailOne, sigmoidOne, softplusOne, tanhOne,
} from '../math-f32/scalar';
import * as functions from './functions';

/** x min(1, max(0, a x + b)) without the x; NaN stays NaN. */
@inline
function hardSigmoidOne(x: f32, a: f32, b: f32): f32 {
  return atMost(atLeast(x * a + b, 0), 1);
}

/** x P(X <= x), within 9 ULP down to -13.5, 7 to -10. Below zero it is x times the tail itself: 1 + erf(x) would cancel. */
function geluOne(x: f32): f32 {
  const tail = normalTailOne(x);
  return x * (x < 0 ? tail : 1 - tail);
}

/** x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)); within 10 ULP from -2 on, 1e-7 of x everywhere. */
function geluTanhOne(x: f32): f32 {
  return x * sigmoidOne(x * GELU_SCALE * (x * x * GELU_CUBE + 1));
}

/** x tanh(ln(1 + e^x)) = x n / (n + 2) with n = e^x (e^x + 2); within 5 ULP from -85 on. */
function mishOne(x: f32): f32 {
  const e = expOne(atMost(x, MISH_END));
  const n = e * (e + 2);
  return x * (n / (n + 2));
}

function apply(operation: i32, x: f32, a: f32, b: f32): f32 {
  switch (operation) {
    case functions.EXP: return expOne(x);
    case functions.LOG: return logOne(x);
    case functions.SIGMOID: return sigmoidOne(x);
    case functions.TANH: return tanhOne(x);
    case functions.ERF: return erfOne(x);
    case functions.SOFTPLUS: return softplusOne(x);
    case functions.GELU: return geluOne(x);
    case functions.GELU_TANH: return geluTanhOne(x);
    case functions.SWISH: return x * sigmoidOne(x * a);
    case functions.MISH: return mishOne(x);
    case functions.ELU: return (x < 0 ? expm1One(x) * a : x) * b;
    case functions.LEAKY_RELU: return x < 0 ? x * a : x;
    case functions.HARD_SIGMOID: return hardSigmoidOne(x, a, b);
    case functions.HARD_SWISH: return x * hardSigmoidOne(x, a, b);
    case functions.SQRT: return sqrt<f32>(x);
    case functions.RECIPROCAL: return 1 / x;
    case functions.SQUARE: return x * x;
    case functions.ABS: return abs<f32>(x);
    case functions.NEG: return -x;
    case functions.FLOOR: return floor<f32>(x);
    case functions.CEIL: return ceil<f32>(x);
    case functions.ROUND: return nearest<f32>(x);
    case functions.CELU: return x < 0 ? expm1One(x * a) * b : x;
    case functions.SOFTSIGN: return x / (1 + abs<f32>(x));
    case functions.THRESHOLDED_RELU: return x <= a ? 0 : x;
    case functions.SIGN: return x > 0 ? 1 : x < 0 ? -1 : x;
  }
  assert(false);
  return 0;
}

/**
 * y = f(x) over n floats, f chosen by `operation` (see ./functions.ts) with its parameters a and b. y may be x.
 * Errors of each function are said where it is defined; what has none said is rounded once a step.
 */
export function unaryF32(operation: i32, n: i32, x: usize, y: usize, a: f32, b: f32): void {
  assert(n >= 0);
  for (let i = 0; i < n; i++) store<f32>(y + (i << 2), apply(operation, load<f32>(x + (i << 2)), a, b));
}
