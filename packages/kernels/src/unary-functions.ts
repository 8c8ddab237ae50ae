/**
 * The functions that `unaryF32` computes, by the number it takes for them; a and b are its last two arguments. How
 * exact each is says assembly/math-f32/scalar.ts.
 */
export const unaryFunctions = {
  exp: 0,
  log: 1,
  sigmoid: 2,
  tanh: 3,
  erf: 4,
  softplus: 5,
  /** x P(X <= x) for a standard normal X */
  gelu: 6,
  geluTanh: 7,
  /** x sigmoid(a x) */
  swish: 8,
  /** x tanh(softplus(x)) */
  mish: 9,
  /** b (x < 0 ? a (e^x - 1) : x): Elu with b = 1, Selu with b = gamma */
  elu: 10,
  /** x < 0 ? a x : x */
  leakyRelu: 11,
  /** max(0, min(1, a x + b)) */
  hardSigmoid: 12,
  /** x max(0, min(1, a x + b)) */
  hardSwish: 13,
  sqrt: 14,
  reciprocal: 15,
  square: 16,
  abs: 17,
  neg: 18,
  floor: 19,
  ceil: 20,
  /** half to even */
  round: 21,
  /** x < 0 ? b (e^(a x) - 1) : x: Celu with a = 1 / alpha, b = alpha */
  celu: 22,
  /** x / (1 + |x|) */
  softsign: 23,
  /** x > a ? x : 0 */
  thresholdedRelu: 24,
  sign: 25,
} as const;

/** A function of `unaryF32`. */
export type UnaryFunctionName = keyof typeof unaryFunctions;
