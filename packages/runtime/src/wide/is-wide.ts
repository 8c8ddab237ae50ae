import type { Model, Value } from '@espalier/core';
import { wideGridOfValue } from '../steps/operands.js';

/** Whether a value is held as codes of 16 bits. */
export function isWide(value: Value): boolean {
  return wideGridOfValue(value) !== null;
}

/** Whether a model has such values, which need kernels of their own. */
export function hasWideValues({ graph }: Model): boolean {
  return graph.values.some((value) => value.constant === null && isWide(value));
}
