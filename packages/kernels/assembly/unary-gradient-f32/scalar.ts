import * as functions from '../unary-f32/functions';

/**
 * dx = dy * f'(x) for the functions of unary-f32 that are listed here, with y = f(x); 0 for all others. dx may be dy.
 *
 * Where the derivative jumps it is that of the side with the smaller slope for the hard functions, and that of the right
 * side for leakyRelu.
 */
export function unaryGradientF32(
  operation: i32, n: i32, x: usize, y: usize, dy: usize, dx: usize, a: f32, b: f32,
): void {
  assert(n >= 0);
  for (let i = 0; i < n << 2; i += 4) {
    store<f32>(dx + i, derivative(operation, load<f32>(x + i), load<f32>(y + i), load<f32>(dy + i), a, b));
  }
}

function derivative(operation: i32, x: f32, y: f32, dy: f32, a: f32, b: f32): f32 {
  if (operation == functions.SIGMOID) return dy * (y * (1 - y));
  if (operation == functions.TANH) return dy * (1 - y * y);
  if (operation == functions.LEAKY_RELU) return x < 0 ? dy * a : dy;
  if (operation == functions.HARD_SIGMOID) return y > 0 && y < 1 ? dy * a : 0;
  if (operation == functions.HARD_SWISH) {
    const gate = x * a + b;
    if (!(gate > 0)) return 0;
    return gate < 1 ? dy * (gate + x * a) : dy;
  }
  if (operation == functions.EXP) return dy * y;
  if (operation == functions.LOG) return dy / x;
  if (operation == functions.SQRT) return dy * 0.5 / y;
  if (operation == functions.NEG) return -dy;
  return 0;
}
