import { copyRows } from '../copy-rows/scalar';
import { PermutePlan } from './plan';

/** Copies a view of x to y as a plan says: any transpose, slices, repetitions. x and y do not overlap. */
export function permute(plan: PermutePlan, x: usize, y: usize): void {
  assert(plan.transposedBytes == 0 || plan.transposedBytes == 1 || plan.transposedBytes == 4);
  for (let a = 0; a < plan.size0; a++) {
    for (let b = 0; b < plan.size1; b++) {
      for (let c = 0; c < plan.size2; c++) {
        for (let d = 0; d < plan.size3; d++) {
          matrix(
            plan,
            x + a * plan.xStride0 + b * plan.xStride1 + c * plan.xStride2 + d * plan.xStride3,
            y + a * plan.yStride0 + b * plan.yStride1 + c * plan.yStride2 + d * plan.yStride3,
          );
        }
      }
    }
  }
}

function matrix(plan: PermutePlan, x: usize, y: usize): void {
  const bytes = plan.transposedBytes;
  if (bytes == 0) {
    copyRows(plan.rows, plan.columns, x, plan.xRowStride, y, plan.yRowStride);
    return;
  }
  for (let row = 0; row < plan.rows; row++) {
    for (let column = 0; column < plan.columns; column++) {
      const from = x + row * plan.xRowStride + column * bytes;
      const to = y + column * plan.yRowStride + row * bytes;
      if (bytes == 4) store<u32>(to, load<u32>(from));
      else store<u8>(to, load<u8>(from));
    }
  }
}
