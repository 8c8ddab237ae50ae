import type { StepState } from './steps.js';
import { recipeFrom } from './steps.js';

/** Addresses above this are cut by some servers and mail programs. */
const MOST_CHARACTERS = 4000;

/** Steps as part of an address; null where they are too long for one. */
export function toAddress(steps: readonly StepState[]): string | null {
  const json = JSON.stringify(recipeFrom(steps, '').steps);
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(json)));
  const safe = text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return safe.length > MOST_CHARACTERS ? null : safe;
}

/**
 * What an address says: a recipe, if it is one. It is checked where recipes are.
 *
 * @throws {Error} where it is no JSON in base64
 */
export function fromAddress(text: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
      letter.charCodeAt(0),
    );
    return { steps: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch {
    throw new Error('The address holds no recipe that can be read: it was cut, or made by hand.');
  }
}
