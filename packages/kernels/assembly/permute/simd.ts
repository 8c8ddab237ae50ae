import { copyRows } from '../copy-rows/simd';
import { transposeRowsF32 } from '../transpose-f32/simd';
import { transposeRowsI8 } from '../transpose-i8/simd';
import { PermutePlan } from './plan';

/** As ./scalar.ts. Reads up to 15 bytes past x. */
export function permute(plan: PermutePlan, x: usize, y: usize): void {
  const rows = plan.rows;
  const columns = plan.columns;
  const xRowStride = plan.xRowStride;
  const yRowStride = plan.yRowStride;
  const transposedBytes = plan.transposedBytes;
  for (let a = 0; a < plan.size0; a++) {
    for (let b = 0; b < plan.size1; b++) {
      for (let c = 0; c < plan.size2; c++) {
        for (let d = 0; d < plan.size3; d++) {
          const from = x + a * plan.xStride0 + b * plan.xStride1 + c * plan.xStride2 + d * plan.xStride3;
          const to = y + a * plan.yStride0 + b * plan.yStride1 + c * plan.yStride2 + d * plan.yStride3;
          if (transposedBytes == 0) copyRows(rows, columns, from, xRowStride, to, yRowStride);
          else if (transposedBytes == 4) transposeRowsF32(rows, columns, from, xRowStride, to, yRowStride);
          else transposeRowsI8(rows, columns, from, xRowStride, to, yRowStride);
        }
      }
    }
  }
}
