import { OptionsError } from '../errors/errors.js';
import type { PerOp } from './option.js';

/**
 * The setting for one layer: by its name, else by the first pattern that its name is like, else by its
 * operator, else `default`, else the table's default.
 */
export function forOp<T extends number | string | boolean | null>(
  setting: PerOp<T>,
  fallback: PerOp<T>,
  layer: { readonly op: string; readonly name: string },
): T {
  if (typeof setting !== 'object' || setting === null) return setting;
  const patterns = Object.keys(setting).filter((key) => key.includes('*') && matches(key, layer.name));
  const key = [layer.name, ...patterns, layer.op, 'default'].find((name) => Object.hasOwn(setting, name));
  if (key !== undefined) return setting[key] as T; // found above
  if (typeof fallback === 'object' && fallback !== null)
    throw new OptionsError({ what: 'A default can not be per operator.' });
  return fallback;
}

/** Operators whose keys are no mistake in a model that lacks them: a recipe is written for many models. */
const operatorName = /^[A-Z][A-Za-z0-9]*$/;

/** Keys of a setting that fit no layer of the model, and are no operator's name either. */
export function unmatchedKeys(
  setting: PerOp<unknown>,
  layers: readonly { readonly name: string }[],
): readonly string[] {
  if (typeof setting !== 'object' || setting === null) return [];
  return Object.keys(setting).filter(
    (key) => key !== 'default' && !operatorName.test(key) && !layers.some(({ name }) => matches(key, name)),
  );
}

/** Whether a name is like a pattern in which `*` stands for any characters. */
function matches(pattern: string, name: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  if (!name.startsWith(start)) return false;
  const end = rest.pop() ?? '';
  let at = start.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - end.length >= at && name.endsWith(end);
}
