import { expOne } from '../math-f32/scalar';
import { softmaxF32 } from '../softmax-f32/scalar';

/**
 * Cross-entropy of softmax(logits) and targets, for each row, and its gradient:
 *
 * losses[r] = -sum_c t log p;  gradient = (p * sum_c t - t) * scale
 *
 * logits, targets, gradient: [rows, classes]. Targets need not add up to 1; where one is 0 its term is left out, so that
 * a class of probability 0 does no harm. Sums are in the order of the classes.
 */
export function crossEntropyF32(
  rows: i32, classes: i32, logits: usize, targets: usize, gradient: usize, losses: usize, scale: f32,
): void {
  assert(rows >= 0 && classes >= 0);
  softmaxF32(rows, classes, 1, logits, gradient, 1);
  for (let row = 0; row < rows; row++) {
    let loss: f32 = 0;
    let total: f32 = 0;
    for (let i = 0; i < classes << 2; i += 4) {
      const target = load<f32>(targets + i);
      if (target != 0) loss -= target * load<f32>(gradient + i);
      total += target;
    }
    store<f32>(losses + (row << 2), loss);
    for (let i = 0; i < classes << 2; i += 4) {
      store<f32>(gradient + i, (expOne(load<f32>(gradient + i)) * total - load<f32>(targets + i)) * scale);
    }
    targets += classes << 2;
    gradient += classes << 2;
  }
}
