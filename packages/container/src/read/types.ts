import { type DataType, type Dim, dataTypes, type ValueType } from '@espalier/core';
import type { Header } from '../header/header.js';
import { MAX_DIM, MAX_RANK, MAX_TYPES } from '../layout.js';
import { at, NumberReader, takeFrom } from './number-reader.js';

/** The types that values and constants name by number. */
export function readTypes(header: Header, headerOffset: number): readonly ValueType[] {
  const numbers = new NumberReader(header.types, 'types', headerOffset);
  const types: ValueType[] = [];
  while (numbers.left > 0) {
    if (types.length === MAX_TYPES) throw numbers.error(`there are more than ${MAX_TYPES} types`);
    const dtype = takeFrom(numbers, dataTypes, 'element type');
    const rank = numbers.take() - 1;
    if (rank > MAX_RANK) throw numbers.error(`a tensor has ${rank} dims`);
    const dims = rank < 0 ? null : Array.from({ length: rank }, () => readDim(numbers, header.strings));
    types.push(Object.freeze({ dtype, dims: dims && Object.freeze(dims) }));
  }
  return types;
}

function readDim(numbers: NumberReader, strings: readonly string[]): Dim {
  const code = numbers.take();
  const number = Math.floor(code / 2);
  if (code % 2 === 1) return at(numbers, strings, number, 'string');
  if (number > MAX_DIM) throw numbers.error(`a dim is ${number}`);
  return number;
}

/** A type whose dims are all numbers. */
export function staticType(
  numbers: NumberReader,
  types: readonly ValueType[],
  index: number,
): { readonly dtype: DataType; readonly dims: readonly number[] } {
  const { dtype, dims } = at(numbers, types, index, 'type');
  const sizes = dims?.filter((dim) => typeof dim === 'number');
  if (dims === null || sizes?.length !== dims.length) throw numbers.error('stored data has an open shape');
  return { dtype, dims: sizes };
}
