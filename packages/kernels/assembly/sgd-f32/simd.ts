import { storeF32 } from '../lanes';

/** As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 12 bytes past each array. */
export function sgdF32(
  n: i32, w: usize, dw: usize, v: usize, mask: usize, rate: usize, momentum: f32, l1: f32, l2: f32,
): void {
  const step = v128.load32_splat(rate);
  const keep = f32x4.splat(momentum);
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
    const velocity = v128.and(f32x4.add(f32x4.mul(keep, v128.load(v)), g), kept);
    storeF32(v, velocity, left);
    storeF32(w, v128.and(f32x4.sub(weight, f32x4.mul(step, velocity)), kept), left);
    w += 16;
    dw += 16;
    v += 16;
  }
}

/** dw + l2 * w + l1 * sign(w) */
@inline
export function regularized(dw: v128, w: v128, l1: v128, l2: v128): v128 {
  const zero = i32x4.splat(0);
  // A comparison gives -1 as an integer where it holds.
  const sign = f32x4.convert_i32x4_s(i32x4.sub(f32x4.lt(w, zero), f32x4.gt(w, zero)));
  return f32x4.add(f32x4.add(dw, f32x4.mul(l2, w)), f32x4.mul(l1, sign));
}
