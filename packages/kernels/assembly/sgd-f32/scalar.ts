/**
 * One step of stochastic gradient descent with momentum, over n weights:
 *
 * g = (dw + l2 * w + l1 * sign(w)) & mask;  v = momentum * v + g;  w = (w - rate * v) & mask
 *
 * rate: address of a float32, which changes from step to step. mask: n words, all ones or 0, or 0 for none: where it is
 * 0, w and v become 0 and stay so.
 *
 * @see Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"
 */
export function sgdF32(
  n: i32, w: usize, dw: usize, v: usize, mask: usize, rate: usize, momentum: f32, l1: f32, l2: f32,
): void {
  assert(n >= 0);
  const step = load<f32>(rate);
  for (let i = 0; i < n << 2; i += 4) {
    const kept = mask ? load<u32>(mask + i) : 0xffffffff;
    const weight = load<f32>(w + i);
    const g = masked(load<f32>(dw + i) + l2 * weight + l1 * signOf(weight), kept);
    const velocity = masked(momentum * load<f32>(v + i) + g, kept);
    store<f32>(v + i, velocity);
    store<f32>(w + i, masked(weight - step * velocity, kept));
  }
}

@inline
export function masked(x: f32, mask: u32): f32 {
  return reinterpret<f32>(reinterpret<u32>(x) & mask);
}

/** 1, -1, or 0 for 0. */
@inline
export function signOf(x: f32): f32 {
  return <f32>(i32(x > 0) - i32(x < 0));
}
