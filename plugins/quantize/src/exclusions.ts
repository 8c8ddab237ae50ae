import { type Model, type Node, OptionsError } from '@espalier/core';

/** Which nodes a user wants left alone. */
export class Exclusions {
  readonly #names: ReadonlySet<string>;

  /** @throws {OptionsError} for a name that is neither a node's, nor a constant's, nor an operator of the model */
  constructor(names: readonly string[], { graph }: Model) {
    this.#names = new Set(names);
    const known = new Set([
      ...graph.nodes.flatMap((node) => [node.name, node.op]),
      ...graph.constants.map((value) => value.name),
    ]);
    const unknown = names.find((name) => !known.has(name));
    if (unknown === undefined) return;
    throw new OptionsError({
      what: `The model has no node, weight or operator "${unknown}".`,
      where: 'quantize.exclude',
      fix: 'Pass names as `espalier inspect` prints them.',
    });
  }

  has(node: Node): boolean {
    if (this.#names.size === 0) return false;
    const names = [node.name, node.op, ...node.inputs.map((value) => (value?.constant ? value.name : ''))];
    return names.some((name) => name !== '' && this.#names.has(name));
  }
}
