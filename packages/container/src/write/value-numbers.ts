import { type Graph, ModelError, type Value } from '@espalier/core';

/**
 * The values of a graph in the order of the file: inputs, constants by first use, then what nodes
 * compute. A value that is none of these is not stored: nothing could give it data.
 */
export class ValueNumbers {
  readonly inputs: readonly Value[];
  readonly constants: readonly Value[];
  readonly all: readonly Value[];
  readonly #outputs: ReadonlySet<Value>;

  constructor(graph: Graph) {
    this.inputs = graph.inputs;
    const constants = new Set<Value>();
    const computed: Value[] = [];
    for (const { inputs, outputs } of graph.nodes) {
      for (const input of inputs) if (input !== null && input.constant !== null) constants.add(input);
      for (const output of outputs) if (output !== null) computed.push(output);
    }
    for (const value of [...graph.outputs, ...graph.constants])
      if (value.constant !== null) constants.add(value);
    this.constants = [...constants];
    this.all = [...this.inputs, ...this.constants, ...computed];
    this.#outputs = new Set(graph.outputs);
  }

  get count(): number {
    return this.all.length;
  }

  /** Whether the graph hands the value out. */
  isOutput(value: Value): boolean {
    return this.#outputs.has(value);
  }

  /** A fresh numbering of references, at the first node. */
  references(): References {
    return new References(this.inputs, this.constants, this.all);
  }
}

/**
 * References as the file has them: 0 for none; odd, 2d - 1, for the d-th value back among inputs and
 * what was computed so far; even, 2d + 2, for the d-th constant back from the first one that was not
 * read yet, which it then was. Relative, so that equal layers have equal numbers.
 */
export class References {
  readonly #flowing = new Map<Value, number>();
  readonly #constants: ReadonlyMap<Value, number>;
  #defined: number;
  #read = 0;

  constructor(inputs: readonly Value[], constants: readonly Value[], all: readonly Value[]) {
    this.#defined = inputs.length;
    this.#constants = new Map(constants.map((value, index) => [value, index]));
    for (const value of all) if (!this.#constants.has(value)) this.#flowing.set(value, this.#flowing.size);
  }

  /** The node just written computes one more value. */
  define(): void {
    this.#defined++;
  }

  to(value: Value | null): number {
    if (value === null) return 0;
    const constant = this.#constants.get(value);
    if (constant !== undefined) {
      const distance = this.#read - constant;
      if (distance === 0) this.#read++;
      return 2 * distance + 2;
    }
    const number = this.#flowing.get(value);
    if (number === undefined) throw new ModelError({ what: `Nothing computes the value "${value.name}".` });
    return 2 * (this.#defined - number) - 1;
  }
}
