import { storeF32 } from '../lanes';
import { exp4 } from '../math-f32/simd';
import { softmaxF32 } from '../softmax-f32/simd';

/** As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 12 bytes past logits and targets. */
export function crossEntropyF32(
  rows: i32, classes: i32, logits: usize, targets: usize, gradient: usize, losses: usize, scale: f32,
): void {
  softmaxF32(rows, classes, 1, logits, gradient, 1);
  const factor = f32x4.splat(scale);
  for (let row = 0; row < rows; row++) {
    let loss: f32 = 0;
    let total: f32 = 0;
    for (let i = 0; i < classes << 2; i += 4) {
      const target = load<f32>(targets + i);
      if (target != 0) loss -= target * load<f32>(gradient + i);
      total += target;
    }
    store<f32>(losses + (row << 2), loss);
    const totals = f32x4.splat(total);
    for (let i = 0; i < classes; i += 4) {
      const p = f32x4.mul(exp4(v128.load(gradient + (i << 2))), totals);
      const g = f32x4.mul(f32x4.sub(p, v128.load(targets + (i << 2))), factor);
      storeF32(gradient + (i << 2), g, classes - i);
    }
    targets += classes << 2;
    gradient += classes << 2;
  }
}
