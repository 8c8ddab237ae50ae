import { ModelError } from '@espalier/core';

/** Texts by number, each once, in the order in which they came. */
export class StringTable {
  readonly list: string[];
  readonly #numbers = new Map<string, number>();

  /** @param list - where the texts are put */
  constructor(list: string[]) {
    this.list = list;
  }

  /**
   * The number of a text.
   *
   * @throws {ModelError} for half a surrogate pair, which UTF-8 can't hold
   */
  add(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (/\p{Surrogate}/u.test(text)) {
      throw new ModelError({
        what: `The text ${JSON.stringify(text)} has half of a surrogate pair.`,
        fix: 'Use well-formed Unicode for names and texts.',
      });
    }
    const number = this.list.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }
}
