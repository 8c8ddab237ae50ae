import { OptionsError } from '@espalier/core';
import { requireInRange } from './require-in-range.js';

/**
 * @param known - names of nodes and values on the way to the loss
 * @throws {OptionsError} when a fraction is out of range, or a name is none of those
 */
export function checkDropout(dropout: Readonly<Record<string, number>>, known: ReadonlySet<string>): void {
  for (const [name, ratio] of Object.entries(dropout)) {
    requireInRange(`dropout.${name}`, ratio, { min: 0, below: 1 });
    if (known.has(name)) continue;
    throw new OptionsError({
      what: `"${name}" is no node or value between the inputs and the loss.`,
      where: 'option "dropout"',
      fix: `Name one of ${[...known].filter((one) => one !== '').join(', ')}.`,
    });
  }
}
