import { elementCount, type Model } from '@espalier/core';
import type { DigitFeed } from './digits.js';

/** How digits are fed to a model; null where it is none that takes them. */
export function digitFeed({ graph }: Model): DigitFeed | null {
  const [input, ...more] = graph.inputs;
  const dims = input?.type?.dims?.slice(1);
  if (input === undefined || more.length > 0 || dims === undefined || graph.outputs.length !== 1) return null;
  const fixed = dims.filter((dim): dim is number => typeof dim === 'number');
  if (fixed.length !== dims.length || elementCount(fixed) !== 28 * 28) return null;
  const scores = graph.outputs[0]?.type?.dims?.at(-1);
  return scores === 10 ? { input: input.name, dims: fixed } : null;
}
