import { type Attribute, dense, ModelError, type Node, type Tensor } from '@espalier/core';
import type { Header } from '../header/header.js';
import { attributeTypes, MAX_ATTRIBUTES, MAX_OPERATORS } from '../layout.js';
import { assertAtMost } from './limits.js';
import type { StringTable } from './strings.js';
import type { TreeWriter } from './trees.js';
import type { TypeTable } from './types.js';

/** Operators by number: op, counts of inputs and outputs, and attributes. Equal nodes share one. */
export class OperatorTable {
  readonly #header: Header;
  readonly #strings: StringTable;
  readonly #types: TypeTable;
  readonly #trees: TreeWriter;
  readonly #numbers = new Map<string, number>();
  readonly #tensors = new Map<Tensor, number>();
  #attributeCount = 0;

  constructor(header: Header, strings: StringTable, types: TypeTable, trees: TreeWriter) {
    this.#header = header;
    this.#strings = strings;
    this.#types = types;
    this.#trees = trees;
  }

  add(node: Node): number {
    const key = this.#keyOf(node);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    this.#attributeCount += node.attributes.size;
    assertAtMost(MAX_OPERATORS, number + 1, 'operators with different attributes');
    assertAtMost(MAX_ATTRIBUTES, this.#attributeCount, 'attributes');
    const { operators } = this.#header;
    operators.push(
      node.domain === '' ? 0 : this.#strings.add(node.domain) + 1,
      this.#strings.add(node.op),
      node.inputs.length,
      node.outputs.length,
      node.attributes.size,
    );
    const where = `node "${node.name}" (${node.op})`;
    for (const [name, attribute] of node.attributes) {
      operators.push(this.#strings.add(name), attributeTypes.indexOf(attribute.type));
      this.#value(attribute, `${where}, attribute "${name}"`);
    }
    return number;
  }

  #keyOf({ domain, op, inputs, outputs, attributes }: Node): string {
    const entries = [...attributes].map(([name, { type, value }]) => [
      name,
      type,
      // JSON writes -0 as 0, and NaN and the infinities as null.
      type === 'tensor' ? this.#tensorNumber(value) : [value].flat().map(exactText),
    ]);
    return JSON.stringify([domain, op, inputs.length, outputs.length, entries]);
  }

  /** Tensors are told apart by identity: comparing their data could take long. */
  #tensorNumber(tensor: Tensor): number {
    const number = this.#tensors.get(tensor) ?? this.#tensors.size;
    this.#tensors.set(tensor, number);
    return number;
  }

  #value(attribute: Attribute, where: string): void {
    const { operators, floats } = this.#header;
    switch (attribute.type) {
      case 'int':
        this.#integer(attribute.value, where);
        return;
      case 'float':
        floats.push(attribute.value);
        return;
      case 'string':
        operators.push(this.#strings.add(attribute.value));
        return;
      case 'tensor':
        operators.push(this.#types.add({ dtype: attribute.value.type, dims: attribute.value.dims }));
        this.#trees.add(dense(attribute.value), where);
        return;
      case 'ints':
        operators.push(attribute.value.length);
        for (const value of attribute.value) this.#integer(value, where);
        return;
      case 'floats':
        operators.push(attribute.value.length);
        for (const value of attribute.value) floats.push(value);
        return;
      case 'strings':
        operators.push(attribute.value.length);
        for (const text of attribute.value) operators.push(this.#strings.add(text));
        return;
      default:
        attribute satisfies never;
    }
  }

  #integer(value: number, where: string): void {
    if (!Number.isInteger(value) || Math.abs(value) > 2 ** 53) {
      throw new ModelError({ what: `An integer attribute is ${value}.`, where, fix: 'Use whole numbers.' });
    }
    this.#header.integers.push(BigInt(value));
  }
}

function exactText(value: unknown): string {
  return Object.is(value, -0) ? '-0' : `${typeof value} ${value}`;
}
