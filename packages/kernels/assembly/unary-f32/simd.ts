import { clamp4, storeF32 } from '../lanes';
import { GELU_CUBE, GELU_SCALE, MISH_END } from '../math-f32/constants';
import { erf4, exp4, expm14, log4, normalTail4, one4, sigmoid4, softplus4, tanh4 } from '../math-f32/simd';
import * as functions from './functions';

/** Loaded, not splatted: see ../math-f32/simd.ts. */
const CONSTANTS = memory.data<f32>([GELU_SCALE, GELU_CUBE, MISH_END, 2]);

@inline
function constant(offset: i32): v128 {
  return v128.load32_splat(CONSTANTS + offset);
}

@inline
function hardSigmoid4(x: v128, a: v128, b: v128): v128 {
  return clamp4(f32x4.add(f32x4.mul(x, a), b), i32x4.splat(0), one4());
}

@inline
function isNegative4(x: v128): v128 {
  return f32x4.lt(x, i32x4.splat(0));
}

@inline
function gelu4(x: v128): v128 {
  const tail = normalTail4(x);
  return f32x4.mul(x, v128.bitselect(tail, f32x4.sub(one4(), tail), isNegative4(x)));
}

@inline
function geluTanh4(x: v128): v128 {
  const cube = f32x4.add(f32x4.mul(f32x4.mul(x, x), constant(4)), one4());
  return f32x4.mul(x, sigmoid4(f32x4.mul(f32x4.mul(x, constant(0)), cube)));
}

@inline
function mish4(x: v128): v128 {
  const e = exp4(f32x4.pmin(x, constant(8)));
  const n = f32x4.mul(e, f32x4.add(e, constant(12)));
  return f32x4.mul(x, f32x4.div(n, f32x4.add(n, constant(12))));
}

@inline
function elu4(x: v128, a: v128, b: v128): v128 {
  const low = f32x4.mul(expm14(x), a);
  return f32x4.mul(v128.bitselect(low, x, isNegative4(x)), b);
}

@inline
function sign4(x: v128): v128 {
  const ones = v128.or(one4(), v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(ones, x, f32x4.gt(f32x4.abs(x), i32x4.splat(0)));
}

@inline
function apply(operation: i32, x: v128, a: v128, b: v128): v128 {
  switch (operation) {
    case functions.EXP: return exp4(x);
    case functions.LOG: return log4(x);
    case functions.SIGMOID: return sigmoid4(x);
    case functions.TANH: return tanh4(x);
    case functions.ERF: return erf4(x);
    case functions.SOFTPLUS: return softplus4(x);
    case functions.GELU: return gelu4(x);
    case functions.GELU_TANH: return geluTanh4(x);
    case functions.SWISH: return f32x4.mul(x, sigmoid4(f32x4.mul(x, a)));
    case functions.MISH: return mish4(x);
    case functions.ELU: return elu4(x, a, b);
    case functions.LEAKY_RELU: return v128.bitselect(f32x4.mul(x, a), x, isNegative4(x));
    case functions.HARD_SIGMOID: return hardSigmoid4(x, a, b);
    case functions.HARD_SWISH: return f32x4.mul(x, hardSigmoid4(x, a, b));
    case functions.SQRT: return f32x4.sqrt(x);
    case functions.RECIPROCAL: return f32x4.div(one4(), x);
    case functions.SQUARE: return f32x4.mul(x, x);
    case functions.ABS: return f32x4.abs(x);
    case functions.NEG: return f32x4.neg(x);
    case functions.FLOOR: return f32x4.floor(x);
    case functions.CEIL: return f32x4.ceil(x);
    case functions.CELU: return v128.bitselect(f32x4.mul(expm14(f32x4.mul(x, a)), b), x, isNegative4(x));
    case functions.SOFTSIGN: return f32x4.div(x, f32x4.add(one4(), f32x4.abs(x)));
    case functions.THRESHOLDED_RELU: return v128.andnot(x, f32x4.le(x, a));
    case functions.SIGN: return sign4(x);
    default: return f32x4.nearest(x);
  }
}

/**
 * As ./scalar.ts, bit for bit. Reads up to 12 bytes past x. The choice is made anew for every four values: predicted, it
 * costs nothing that can be measured, and there is one loop instead of twenty.
 */
export function unaryF32(operation: i32, n: i32, x: usize, y: usize, a: f32, b: f32): void {
  const a4 = f32x4.splat(a);
  const b4 = f32x4.splat(b);
  for (let i = 0; i < n; i += 4) {
    const result = apply(operation, v128.load(x + (i << 2)), a4, b4);
    if (n - i >= 4) v128.store(y + (i << 2), result);
    else storeF32(y + (i << 2), result, n - i);
  }
}
