import type { Node, Use, Value } from './node.js';

const noUses: ReadonlySet<Use> = new Set();

/** Who computes a value, and who reads it. Kept by the graph, which alone writes to it. */
export class Links {
  readonly #producers = new Map<Value, Node>();
  readonly #uses = new Map<Value, Set<Use>>();

  producer(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  setProducer(value: Value, node: Node): void {
    this.#producers.set(value, node);
  }

  removeProducer(value: Value): void {
    this.#producers.delete(value);
  }

  uses(value: Value): ReadonlySet<Use> {
    return this.#uses.get(value) ?? noUses;
  }

  addUse(value: Value, use: Use): void {
    const uses = this.#uses.get(value);
    if (uses === undefined) this.#uses.set(value, new Set([use]));
    else uses.add(use);
  }

  removeUse(value: Value, use: Use): void {
    this.#uses.get(value)?.delete(use);
  }

  /** Takes out the use that input `index` of `node` makes of the value. */
  removeInputUse(value: Value, node: Node, index: number): void {
    for (const use of this.uses(value)) {
      if (use.kind === 'input' && use.node === node && use.index === index) this.removeUse(value, use);
    }
  }

  /** Drops all that is known of a value. */
  forget(value: Value): void {
    this.#producers.delete(value);
    this.#uses.delete(value);
  }
}
