/*
 * Constants of the elementary functions in float32. The polynomials and quotients are minimax fits of our own (linear
 * programming over Chebyshev points, in float64, then rounded): each has a relative error below 2^-25 before rounding.
 */

/** exp(89) overflows, exp(-104) is below half of the least subnormal. */
export const EXP_MOST: f32 = 89;
export const EXP_LEAST: f32 = -104;
export const LOG2_E: f32 = 1.442695;
/** 1.5 * 2^23: adding it leaves the nearest whole number, half to even, in the low bits. */
export const ROUNDER: f32 = 12582912;
/** ln 2 in two parts (Cody and Waite 1980): n * LN2_HIGH is exact for |n| < 2^14. */
export const LN2_HIGH: f32 = 0.693359375;
export const LN2_LOW: f32 = -0.00021219444;
/** exp(r) = 1 + r + r^2 (EXP_0 + EXP_1 r + ...) for |r| <= ln(2) / 2. */
export const EXP_0: f32 = 0.49999997;
export const EXP_1: f32 = 0.16666543;
export const EXP_2: f32 = 0.0416672;
export const EXP_3: f32 = 0.0083665475;
export const EXP_4: f32 = 0.0013882517;

/** ln(1 + f) = 2 s + s^3 (LOG_0 + LOG_1 s^2 + ...) with s = f / (2 + f), for |s| <= 1/3. */
export const LOG_0: f32 = 0.6666641;
export const LOG_1: f32 = 0.40021598;
export const LOG_2: f32 = 0.2800054;
export const LOG_3: f32 = 0.28018767;
/** The bits of sqrt(1/2): mantissas are taken from there to sqrt(2). */
export const ROOT_HALF_BITS: i32 = 0x3f3504f3;
export const LEAST_NORMAL: f32 = 1.1754944e-38;
/** 2^23, and its exponent: makes a subnormal number a normal one. */
export const SUBNORMAL_SCALE: f32 = 8388608;
export const SUBNORMAL_SHIFT: i32 = 23;

/** erf(x) = x (ERF_0 + ERF_1 x^2 + ...) for |x| < ERF_SMALL. */
export const ERF_SMALL: f32 = 0.9;
export const ERF_0: f32 = 1.1283791;
export const ERF_1: f32 = -0.37612525;
export const ERF_2: f32 = 0.11282141;
export const ERF_3: f32 = -0.02677891;
export const ERF_4: f32 = 0.0050119637;
export const ERF_5: f32 = -0.0006090364;
export const ROOT_2: f32 = 1.4142135;

/**
 * P(X > a) = exp(-a^2 / 2) (TAIL_A0 + TAIL_A1 a + ...) / (1 + TAIL_B1 a + ...) for a standard normal X and 0 <= a <=
 * TAIL_END, where it is 0 in float32. All terms are positive: nothing cancels.
 */
export const TAIL_END: f32 = 14.4;
export const TAIL_A0: f32 = 0.5;
export const TAIL_A1: f32 = 0.41203016;
export const TAIL_A2: f32 = 0.16313408;
export const TAIL_A3: f32 = 0.03367672;
export const TAIL_A4: f32 = 0.0030357237;
export const TAIL_B1: f32 = 1.6219441;
export const TAIL_B2: f32 = 1.1204004;
export const TAIL_B3: f32 = 0.41626486;
export const TAIL_B4: f32 = 0.08442729;
export const TAIL_B5: f32 = 0.007609185;
/** Keeps 12 bits of a float32: the square of such a number is exact. */
export const HALF_MANTISSA: i32 = -4096;

/** 2 sqrt(2 / pi) and 0.044715 of the tanh form of GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
export const GELU_SCALE: f32 = 1.5957692;
export const GELU_CUBE: f32 = 0.044715;
/** From here on mish(x) is x; e^2x still is a float32. */
export const MISH_END: f32 = 20;
/** tanh of it is 1, expm1 of minus three times it is -1. */
export const TANH_END: f32 = 10;
export const EXPM1_LEAST: f32 = -30;
