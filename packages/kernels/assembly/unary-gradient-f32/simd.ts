import { storeF32 } from '../lanes';
import * as functions from '../unary-f32/functions';

/** As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 12 bytes past x, y and dy. */
export function unaryGradientF32(
  operation: i32, n: i32, x: usize, y: usize, dy: usize, dx: usize, a: f32, b: f32,
): void {
  const slope = f32x4.splat(a);
  const offset = f32x4.splat(b);
  for (; n > 0; n -= 4) {
    storeF32(dx, derivative(operation, v128.load(x), v128.load(y), v128.load(dy), slope, offset), n);
    x += 16;
    y += 16;
    dy += 16;
    dx += 16;
  }
}

/** The function is asked for at each vector: predicted, and one loop instead of nine. */
@inline
function derivative(operation: i32, x: v128, y: v128, dy: v128, a: v128, b: v128): v128 {
  const zero = i32x4.splat(0);
  const one = f32x4.splat(1);
  if (operation == functions.SIGMOID) return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(one, y)));
  if (operation == functions.TANH) return f32x4.mul(dy, f32x4.sub(one, f32x4.mul(y, y)));
  if (operation == functions.LEAKY_RELU) return v128.bitselect(f32x4.mul(dy, a), dy, f32x4.lt(x, zero));
  if (operation == functions.HARD_SIGMOID) {
    return v128.and(f32x4.mul(dy, a), v128.and(f32x4.gt(y, zero), f32x4.lt(y, one)));
  }
  if (operation == functions.HARD_SWISH) {
    const product = f32x4.mul(x, a);
    const gate = f32x4.add(product, b);
    const inside = f32x4.mul(dy, f32x4.add(gate, product));
    return v128.and(v128.bitselect(inside, dy, f32x4.lt(gate, one)), f32x4.gt(gate, zero));
  }
  if (operation == functions.EXP) return f32x4.mul(dy, y);
  if (operation == functions.LOG) return f32x4.div(dy, x);
  if (operation == functions.SQRT) return f32x4.div(f32x4.mul(dy, f32x4.splat(0.5)), y);
  if (operation == functions.NEG) return f32x4.neg(dy);
  return zero;
}
