import { elementCount, type Model } from '@espalier/core';

/** Elements of all weights. */
export function countElements(model: Model): number {
  return model.weights().reduce((sum, { encoding }) => sum + elementCount(encoding.dims), 0);
}
