import type { Header } from '../header/header.js';
import { damaged } from './damage.js';
import { at, NumberReader } from './number-reader.js';

/** Hands out the names of values and nodes in the order of the file, and makes up those left out. */
export class NameReader {
  readonly #strings: readonly string[];
  readonly #headerOffset: number;
  readonly #values: NumberReader;
  readonly #nodes: NumberReader;
  /** Names that values have or will have. */
  readonly #taken = new Set<string>();

  constructor(header: Header, headerOffset: number) {
    this.#strings = header.strings;
    this.#headerOffset = headerOffset;
    this.#values = new NumberReader(header.valueNames, 'value_names', headerOffset);
    this.#nodes = new NumberReader(header.nodeNames, 'node_names', headerOffset);
    // All given names, before any is made up: a made-up one must not take what a later value is given.
    for (const number of header.valueNames) {
      if (number === 0) continue;
      const name = this.string(number - 1, 'value_names');
      if (this.#taken.has(name)) {
        throw damaged(`two values are named "${name}"`, `header at byte ${headerOffset}, field value_names`);
      }
      this.#taken.add(name);
    }
  }

  /** The name of the next value. */
  value(madeUp: string): string {
    const number = this.#values.left > 0 ? this.#values.take() : 0;
    if (number > 0) return at(this.#values, this.#strings, number - 1, 'string');
    let name = madeUp;
    while (this.#taken.has(name)) name += '_';
    this.#taken.add(name);
    return name;
  }

  /** The name of the next node. */
  node(madeUp: string): string {
    const number = this.#nodes.left > 0 ? this.#nodes.take() : 0;
    return number > 0 ? at(this.#nodes, this.#strings, number - 1, 'string') : madeUp;
  }

  /** The string that a single number of the header names. */
  string(index: number, field: string): string {
    const text = this.#strings[index];
    if (text !== undefined) return text;
    throw damaged(`there is no string ${index}`, `header at byte ${this.#headerOffset}, field ${field}`);
  }

  /** @throws {FormatError} where names are left over */
  finish(): void {
    this.#values.finish();
    this.#nodes.finish();
  }
}
