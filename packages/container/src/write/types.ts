import { type Dim, dataTypes, ModelError, printType, type ValueType } from '@espalier/core';
import type { Header } from '../header/header.js';
import { MAX_DIM, MAX_RANK, MAX_TYPES } from '../layout.js';
import { assertAtMost } from './limits.js';
import type { StringTable } from './strings.js';

/** Types by number, each once. Quantization is no part of them: it is stored by value. */
export class TypeTable {
  readonly #header: Header;
  readonly #strings: StringTable;
  readonly #numbers = new Map<string, number>();

  constructor(header: Header, strings: StringTable) {
    this.#header = header;
    this.#strings = strings;
  }

  /** @throws {ModelError} for more dims, or a larger one, than a file holds */
  add({ dtype, dims }: Pick<ValueType, 'dtype' | 'dims'>): number {
    const key = JSON.stringify([dtype, dims]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    assertAtMost(MAX_TYPES, number + 1, 'types');
    const { types } = this.#header;
    types.push(dataTypes.indexOf(dtype), dims === null ? 0 : dims.length + 1);
    if (dims === null) return number;
    if (dims.length > MAX_RANK || dims.some((dim) => typeof dim === 'number' && !isDim(dim))) {
      throw new ModelError({
        what: `A file can't hold the type ${printType({ dtype, dims })}.`,
        fix: `Use at most ${MAX_RANK} dims, each of at most ${MAX_DIM}.`,
      });
    }
    for (const dim of dims) types.push(this.#dim(dim));
    return number;
  }

  #dim(dim: Dim): number {
    return typeof dim === 'number' ? 2 * dim : 2 * this.#strings.add(dim) + 1;
  }
}

function isDim(dim: number): boolean {
  return Number.isInteger(dim) && dim >= 0 && dim <= MAX_DIM;
}
