import type { FormatError } from '@espalier/core';
import { damaged } from './damage.js';

/** Takes numbers off one column of the header. Every take is checked against what is left. */
export class NumberReader<T extends number | bigint = number> {
  readonly #numbers: readonly T[];
  readonly #field: string;
  readonly #headerOffset: number;
  #next = 0;

  /** @param headerOffset - for messages: the byte at which the header begins */
  constructor(numbers: readonly T[], field: string, headerOffset: number) {
    this.#numbers = numbers;
    this.#field = field;
    this.#headerOffset = headerOffset;
  }

  get left(): number {
    return this.#numbers.length - this.#next;
  }

  take(): T {
    const number = this.#numbers[this.#next];
    if (number === undefined) throw this.error('its column ends too soon');
    this.#next++;
    return number;
  }

  /** The next `count` numbers. */
  takeAll(count: number): readonly T[] {
    if (count > this.left) throw this.error(`${count} numbers are needed, ${this.left} are left`);
    this.#next += count;
    return this.#numbers.slice(this.#next - count, this.#next);
  }

  /** @throws {FormatError} where numbers are left */
  finish(): void {
    if (this.left > 0) throw this.error(`${this.left} numbers are left over`);
  }

  /** An error at the number taken last. */
  error(what: string): FormatError {
    return damaged(
      what,
      `header at byte ${this.#headerOffset}, field ${this.#field}, number ${Math.max(this.#next - 1, 0)}`,
    );
  }
}

/** Takes an index into a list, and gives what stands there. */
export function takeFrom<E>(numbers: NumberReader, list: readonly E[], what: string): E {
  return at(numbers, list, numbers.take(), what);
}

/** What stands at `index` of a list. */
export function at<E>(numbers: NumberReader, list: readonly E[], index: number, what: string): E {
  const entry = list[index];
  if (entry === undefined) throw numbers.error(`there is no ${what} ${index}`);
  return entry;
}
