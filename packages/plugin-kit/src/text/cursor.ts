import { FormatError } from '@espalier/core';

/** A place in a text, with the small readers that the grammar of models is made of. */
export class Cursor {
  readonly #text: string;
  readonly #line: number;
  #at = 0;

  /** @param line - 1-based line of the text in its file, for messages */
  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }

  get atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#text.length;
  }

  /** Whether `literal` comes next; takes it if so. */
  take(literal: string): boolean {
    this.#skipSpace();
    if (!this.#text.startsWith(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  expect(literal: string): void {
    if (!this.take(literal)) throw this.error(`"${literal}" is expected`);
  }

  /** What the expression matches here, or null. It must be sticky (`/…/y`). */
  match(expression: RegExp): string | null {
    this.#skipSpace();
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  /** The name of a value, operator or attribute: all but spaces and what stands between names. */
  name(): string {
    const name = this.match(/[^\s,()[\]{}="]+/y);
    if (name === null) throw this.error('a name is expected');
    if (!name.endsWith(':') || name === ':') return name;
    this.#at -= 1;
    return name.slice(0, -1);
  }

  number(): number {
    const text = this.match(/[-+]?(?:\d[\d.]*(?:[eE][-+]?\d+)?|\.\d+|Infinity)|NaN/y);
    if (text === null) throw this.error('a number is expected');
    return Number(text);
  }

  /** Items between brackets, separated by commas. */
  list<T>(open: string, close: string, item: () => T): T[] {
    this.expect(open);
    const items: T[] = [];
    if (this.take(close)) return items;
    do items.push(item());
    while (this.take(','));
    this.expect(close);
    return items;
  }

  error(what: string): FormatError {
    return new FormatError({
      what: `The text of a model can't be read: ${what}.`,
      where: `line ${this.#line}, column ${this.#at + 1}: ${this.rest.slice(0, 40)}`,
      fix: 'Write it as printModel does; see the README of @espalier/plugin-kit.',
    });
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === ' ') this.#at++;
  }
}
