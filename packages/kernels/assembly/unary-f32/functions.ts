/*
 * The functions of unary-f32 by number; src/unary-functions.ts has the same numbers. a and b are its parameters.
 */

export const EXP: i32 = 0;
export const LOG: i32 = 1;
export const SIGMOID: i32 = 2;
export const TANH: i32 = 3;
export const ERF: i32 = 4;
export const SOFTPLUS: i32 = 5;
/** x P(X <= x) for a standard normal X */
export const GELU: i32 = 6;
export const GELU_TANH: i32 = 7;
/** x sigmoid(a x) */
export const SWISH: i32 = 8;
/** x tanh(softplus(x)) */
export const MISH: i32 = 9;
/** b (x < 0 ? a (e^x - 1) : x) */
export const ELU: i32 = 10;
/** x < 0 ? a x : x */
export const LEAKY_RELU: i32 = 11;
/** max(0, min(1, a x + b)) */
export const HARD_SIGMOID: i32 = 12;
/** x hardSigmoid(x) */
export const HARD_SWISH: i32 = 13;
export const SQRT: i32 = 14;
export const RECIPROCAL: i32 = 15;
export const SQUARE: i32 = 16;
export const ABS: i32 = 17;
export const NEG: i32 = 18;
export const FLOOR: i32 = 19;
export const CEIL: i32 = 20;
/** Half to even. */
export const ROUND: i32 = 21;
/** x < 0 ? b (e^(a x) - 1) : x */
export const CELU: i32 = 22;
/** x / (1 + |x|) */
export const SOFTSIGN: i32 = 23;
/** x > a ? x : 0; NaN stays NaN */
export const THRESHOLDED_RELU: i32 = 24;
/** -1, 1, or x where it is a zero or NaN */
export const SIGN: i32 = 25;
