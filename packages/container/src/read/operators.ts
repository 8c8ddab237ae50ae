import {
  type Attribute,
  Attributes,
  float,
  floats,
  ints,
  string,
  strings,
  tensor,
  type ValueType,
} from '@espalier/core';
import type { Header } from '../header/header.js';
import { attributeTypes, MAX_ATTRIBUTES, MAX_OPERATORS } from '../layout.js';
import { at, NumberReader, takeFrom } from './number-reader.js';
import type { TreeReader } from './trees.js';
import { staticType } from './types.js';

/** What equal nodes share. */
export interface Operator {
  readonly domain: string;
  readonly op: string;
  readonly inputCount: number;
  readonly outputCount: number;
  readonly attributes: Attributes;
}

/** The columns that attributes take their values from. */
export interface AttributeSource {
  readonly header: Header;
  readonly headerOffset: number;
  readonly types: readonly ValueType[];
  readonly trees: TreeReader;
  readonly integers: NumberReader<bigint>;
}

/** The operators that nodes name by number. */
export function readOperators(source: AttributeSource): readonly Operator[] {
  const reader = new OperatorReader(source);
  return reader.read();
}

class OperatorReader {
  readonly #source: AttributeSource;
  readonly #numbers: NumberReader;
  readonly #floats: NumberReader;
  #attributeCount = 0;

  constructor(source: AttributeSource) {
    this.#source = source;
    this.#numbers = new NumberReader(source.header.operators, 'operators', source.headerOffset);
    this.#floats = new NumberReader(source.header.floats, 'floats', source.headerOffset);
  }

  read(): readonly Operator[] {
    const operators: Operator[] = [];
    while (this.#numbers.left > 0) {
      if (operators.length === MAX_OPERATORS) {
        throw this.#numbers.error(`there are more than ${MAX_OPERATORS} operators`);
      }
      operators.push(this.#operator());
    }
    this.#floats.finish();
    return operators;
  }

  #operator(): Operator {
    const numbers = this.#numbers;
    const domain = numbers.take();
    const domainName = domain === 0 ? '' : at(numbers, this.#source.header.strings, domain - 1, 'string');
    const op = this.#string();
    const inputCount = numbers.take();
    const outputCount = numbers.take();
    const entries = new Map<string, Attribute>();
    for (let left = numbers.take(); left > 0; left--) {
      if (this.#attributeCount++ === MAX_ATTRIBUTES) {
        throw numbers.error(`there are more than ${MAX_ATTRIBUTES} attributes`);
      }
      const name = this.#string();
      if (entries.has(name)) throw numbers.error(`two attributes are named "${name}"`);
      entries.set(name, this.#attribute(`operator ${op}, attribute "${name}"`));
    }
    return { domain: domainName, op, inputCount, outputCount, attributes: new Attributes(entries) };
  }

  #attribute(where: string): Attribute {
    const type = takeFrom(this.#numbers, attributeTypes, 'attribute type');
    switch (type) {
      case 'int':
        return { type, value: this.#integer(this.#source.integers.take()) };
      case 'float':
        return float(this.#floats.take());
      case 'string':
        return string(this.#string());
      case 'tensor': {
        const { dtype, dims } = staticType(this.#numbers, this.#source.types, this.#numbers.take());
        const encoding = this.#source.trees.read(dtype, dims, where);
        // Decoded at once, so only what takes no more memory than its bytes.
        if (encoding.kind !== 'dense')
          throw this.#numbers.error(`an attribute is stored as ${encoding.kind}`);
        return tensor(encoding.decode());
      }
      case 'ints':
        return ints(this.#source.integers.takeAll(this.#numbers.take()).map((value) => this.#integer(value)));
      case 'floats':
        return floats(this.#floats.takeAll(this.#numbers.take()));
      case 'strings': {
        const texts = this.#numbers.takeAll(this.#numbers.take());
        return strings(texts.map((index) => at(this.#numbers, this.#source.header.strings, index, 'string')));
      }
      default:
        return type satisfies never;
    }
  }

  #string(): string {
    return takeFrom(this.#numbers, this.#source.header.strings, 'string');
  }

  #integer(value: bigint): number {
    const number = Number(value);
    if (Math.abs(number) > 2 ** 53) throw this.#source.integers.error(`an attribute is ${value}`);
    return number;
  }
}
