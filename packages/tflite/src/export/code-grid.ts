import { type Quantization, sameQuantization } from '@espalier/core';

/** The grid that codes have in a file: uint8 is held as int8, which means the same reals by codes 128 lower. */
export function codeGrid(grid: Quantization): Quantization {
  if (grid.storageType !== 'uint8') return grid;
  return { ...grid, storageType: 'int8', zeroPoint: grid.zeroPoint.map((zero) => zero - 128) };
}

export function sameCodes(a: Quantization, b: Quantization): boolean {
  return sameQuantization(codeGrid(a), codeGrid(b));
}

/** Whether codes on this grid are of 16 bits as a file has them: without a zero point. */
export function isSixteenBit(grid: Quantization | null | undefined): grid is Quantization {
  return grid?.storageType === 'int16' && grid.zeroPoint.every((zero) => zero === 0);
}

/** Whether codes on this grid are of 8 bits. */
export function isEightBit(grid: Quantization | null | undefined): grid is Quantization {
  return grid != null && (grid.storageType === 'int8' || grid.storageType === 'uint8');
}
