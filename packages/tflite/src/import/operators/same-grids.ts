import { sameQuantization } from '@espalier/core';
import type { FileTensor } from '../file-graph.js';

/** Whether two tensors mean the same reals by the same codes. */
export function sameGrids(a: FileTensor, b: FileTensor): boolean {
  return a.type === b.type && sameQuantization(a.quantization ?? undefined, b.quantization ?? undefined);
}
