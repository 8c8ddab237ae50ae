import { ModelError } from '../errors/errors.js';
import type { Tensor } from '../tensor/tensor.js';

/** One attribute of an operator. Integers beyond 2^53 are limited to it: they mean "to the end". */
export type Attribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'tensor'; readonly value: Tensor }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] };

export type AttributeType = Attribute['type'];
interface ValueOf {
  int: number;
  float: number;
  string: string;
  tensor: Tensor;
  ints: readonly number[];
  floats: readonly number[];
  strings: readonly string[];
}

/** An integer attribute. */
export function int(value: number): Attribute {
  return { type: 'int', value };
}

/** A float attribute; its value is rounded to float32, as the file holds it. */
export function float(value: number): Attribute {
  return { type: 'float', value: Math.fround(value) };
}

export function string(value: string): Attribute {
  return { type: 'string', value };
}

export function ints(value: readonly number[]): Attribute {
  return { type: 'ints', value: Object.freeze([...value]) };
}

export function floats(value: readonly number[]): Attribute {
  return { type: 'floats', value: Object.freeze(value.map(Math.fround)) };
}

export function strings(value: readonly string[]): Attribute {
  return { type: 'strings', value: Object.freeze([...value]) };
}

export function tensor(value: Tensor): Attribute {
  return { type: 'tensor', value };
}

/** The attributes of one node, read by name and type. Immutable. */
export class Attributes {
  readonly #entries: ReadonlyMap<string, Attribute>;

  constructor(entries: Iterable<readonly [string, Attribute]> | Readonly<Record<string, Attribute>> = []) {
    this.#entries = new Map(Symbol.iterator in entries ? entries : Object.entries(entries));
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  get(name: string): Attribute | undefined {
    return this.#entries.get(name);
  }

  [Symbol.iterator](): IterableIterator<[string, Attribute]> {
    return new Map(this.#entries).entries();
  }

  get size(): number {
    return this.#entries.size;
  }

  int(name: string): number | undefined;
  int(name: string, fallback: number): number;
  int(name: string, fallback?: number): number | undefined {
    return this.#read(name, 'int') ?? fallback;
  }

  float(name: string): number | undefined;
  float(name: string, fallback: number): number;
  float(name: string, fallback?: number): number | undefined {
    return this.#read(name, 'float') ?? fallback;
  }

  string(name: string): string | undefined;
  string(name: string, fallback: string): string;
  string(name: string, fallback?: string): string | undefined {
    return this.#read(name, 'string') ?? fallback;
  }

  ints(name: string): readonly number[] | undefined;
  ints(name: string, fallback: readonly number[]): readonly number[];
  ints(name: string, fallback?: readonly number[]): readonly number[] | undefined {
    return this.#read(name, 'ints') ?? fallback;
  }

  floats(name: string): readonly number[] | undefined;
  floats(name: string, fallback: readonly number[]): readonly number[];
  floats(name: string, fallback?: readonly number[]): readonly number[] | undefined {
    return this.#read(name, 'floats') ?? fallback;
  }

  strings(name: string): readonly string[] | undefined;
  strings(name: string, fallback: readonly string[]): readonly string[];
  strings(name: string, fallback?: readonly string[]): readonly string[] | undefined {
    return this.#read(name, 'strings') ?? fallback;
  }

  tensor(name: string): Tensor | undefined {
    return this.#read(name, 'tensor');
  }

  /** These attributes with some replaced, added, or (where `undefined`) taken out. */
  with(changes: Readonly<Record<string, Attribute | undefined>>): Attributes {
    const entries = new Map(this.#entries);
    for (const [name, attribute] of Object.entries(changes)) {
      if (attribute === undefined) entries.delete(name);
      else entries.set(name, attribute);
    }
    return new Attributes(entries);
  }

  #read<T extends AttributeType>(name: string, type: T): ValueOf[T] | undefined {
    const attribute = this.#entries.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.type !== type) {
      throw new ModelError({ what: `Attribute "${name}" is a ${attribute.type}, a ${type} is expected.` });
    }
    // The tag was compared above; TypeScript does not narrow a union by a generic tag.
    return attribute.value as ValueOf[T];
  }
}
