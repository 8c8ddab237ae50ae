import { DataError, type Feeds, type Logger, toNumbers } from '@espalier/core';

/**
 * Notices calibration data that are one number all over: a file of zeros, or images that were cut to a plain edge. Ranges
 * measured on such are finite, and say nothing of what the model will see.
 */
export class InputVariety {
  /** What each input was seen to hold first; null once it held something else. */
  readonly #only = new Map<string, number | null>();

  see(feeds: Feeds): void {
    for (const [name, tensor] of Object.entries(feeds)) {
      const only = this.#only.get(name) ?? null;
      if (this.#only.has(name) && only === null) continue;
      const values = toNumbers(tensor);
      const first = only ?? values[0] ?? null;
      this.#only.set(name, first !== null && isAll(values, first) ? first : null);
    }
  }

  /**
   * Warns of an input that never changed beside others that did: some are switches.
   *
   * @throws {DataError} when no input ever held two numbers
   */
  check(data: string, log: Logger): void {
    const constant = [...this.#only].filter(([, only]) => only !== null);
    if (constant.length === 0) return;
    const list = constant.map(([name, only]) => `"${name}" is ${only} in all`).join(', ');
    if (constant.length < this.#only.size) {
      log.warn(`Of the calibration data ${list}: ranges behind it fit nothing else.`);
      return;
    }
    throw new DataError({
      what: `The calibration data hold one number, and no range can be measured on that: ${list} samples.`,
      where: `data set "${data}"`,
      fix: 'Calibrate on some hundred typical inputs.',
    });
  }
}

function isAll(values: ArrayLike<number>, number: number): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] !== number) return false;
  return true;
}
