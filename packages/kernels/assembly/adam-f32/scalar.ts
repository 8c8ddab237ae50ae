import { masked, signOf } from '../sgd-f32/scalar';

/**
 * One step of Adam over n weights:
 *
 * g = (dw + l2 * w + l1 * sign(w)) & mask
 * m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g * g
 * w = (w - decay * w - rate * m / (root * sqrt(v) + epsilon)) & mask
 *
 * step: address of three float32, which change from step to step: rate, the learning rate / (1 - beta1^t); root,
 * 1 / sqrt(1 - beta2^t); decay, learning rate * weight decay. decays: 0 leaves that term out. mask: n words, all ones or
 * 0, or 0 for none: where it is 0, w, m and v become 0 and stay so.
 *
 * @see Kingma and Ba 2015 (arXiv:1412.6980), algorithm 1; Loshchilov and Hutter 2019 (arXiv:1711.05101) for decay
 */
export function adamF32(
  n: i32, w: usize, dw: usize, m: usize, v: usize, mask: usize, step: usize, beta1: f32, beta2: f32, epsilon: f32,
  l1: f32, l2: f32, decays: i32,
): void {
  assert(n >= 0);
  const rate = load<f32>(step);
  const root = load<f32>(step, 4);
  const decay: f32 = decays ? load<f32>(step, 8) : 0;
  for (let i = 0; i < n << 2; i += 4) {
    const kept = mask ? load<u32>(mask + i) : 0xffffffff;
    const weight = load<f32>(w + i);
    const g = masked(load<f32>(dw + i) + l2 * weight + l1 * signOf(weight), kept);
    const first = masked(beta1 * load<f32>(m + i) + (1 - beta1) * g, kept);
    const second = masked(beta2 * load<f32>(v + i) + (1 - beta2) * (g * g), kept);
    store<f32>(m + i, first);
    store<f32>(v + i, second);
    const change = rate * first / (root * sqrt<f32>(second) + epsilon);
    store<f32>(w + i, masked(weight - decay * weight - change, kept));
  }
}
