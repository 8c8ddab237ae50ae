import { storeF32 } from '../lanes';
import { regularized } from '../sgd-f32/simd';

/** As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 12 bytes past each array. */
export function adamF32(
  n: i32, w: usize, dw: usize, m: usize, v: usize, mask: usize, step: usize, beta1: f32, beta2: f32, epsilon: f32,
  l1: f32, l2: f32, decays: i32,
): void {
  const rate = v128.load32_splat(step);
  const root = v128.load32_splat(step, 4);
  const decay = decays ? v128.load32_splat(step, 8) : i32x4.splat(0);
  const keep1 = f32x4.splat(beta1);
  const keep2 = f32x4.splat(beta2);
  const take1 = f32x4.splat(1 - beta1);
  const take2 = f32x4.splat(1 - beta2);
  const small = f32x4.splat(epsilon);
  const one = f32x4.splat(l1);
  const two = f32x4.splat(l2);
  let kept = i32x4.splat(-1);
  for (let left = n; left > 0; left -= 4) {
    if (mask) {
      kept = v128.load(mask);
      mask += 16;
    }
    const weight = v128.load(w);
    const g = v128.and(regularized(v128.load(dw), weight, one, two), kept);
    const first = v128.and(f32x4.add(f32x4.mul(keep1, v128.load(m)), f32x4.mul(take1, g)), kept);
    const second = v128.and(
      f32x4.add(f32x4.mul(keep2, v128.load(v)), f32x4.mul(take2, f32x4.mul(g, g))),
      kept,
    );
    storeF32(m, first, left);
    storeF32(v, second, left);
    const change = f32x4.div(f32x4.mul(rate, first), f32x4.add(f32x4.mul(root, f32x4.sqrt(second)), small));
    const decayed = f32x4.sub(weight, f32x4.mul(decay, weight));
    storeF32(w, v128.and(f32x4.sub(decayed, change), kept), left);
    w += 16;
    dw += 16;
    m += 16;
    v += 16;
  }
}
