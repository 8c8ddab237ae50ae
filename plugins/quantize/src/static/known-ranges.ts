import {
  type ActivationRange,
  type Dataset,
  type Model,
  type Token,
  token,
  type Value,
} from '@espalier/core';

/** Where a run keeps what calibration measured: register a KnownRanges where the same model is quantized again and again. */
export const KNOWN_RANGES: Token<KnownRanges> = token('known-ranges');

/** Ranges of activations, by how each was measured. */
export type Ranges = Map<string, ActivationRange>;

/** Remembers the ranges that calibration measured of models, each on its data, for later runs that quantize the same model. */
export class KnownRanges {
  readonly #ranges = new WeakMap<Model, WeakMap<Dataset, Ranges>>();

  /**
   * @param original - as it came into the run
   * @param model - as it is now
   * @returns none where an earlier pass of the run has changed the model: its activations are others
   */
  of(original: Model, model: Model, data: Dataset | undefined): Ranges | undefined {
    if (data === undefined || !isUnchanged(original, model)) return undefined;
    const byData = this.#ranges.get(original) ?? new WeakMap<Dataset, Ranges>();
    this.#ranges.set(original, byData);
    const ranges = byData.get(data) ?? new Map<string, ActivationRange>();
    byData.set(data, ranges);
    return ranges;
  }
}

/** Clones share weights, types and attributes, which are never written to: the same objects in the same places are the same model. */
function isUnchanged({ graph: before }: Model, { graph: now }: Model): boolean {
  const sameNames = (a: readonly (Value | null)[], b: readonly (Value | null)[] = []): boolean =>
    a.length === b.length && a.every((value, i) => value?.name === b[i]?.name);
  const sameNodes = before.nodes.every((node, i) => {
    const other = now.nodes[i];
    return (
      node.op === other?.op &&
      node.attributes === other.attributes &&
      sameNames(node.inputs, other.inputs) &&
      sameNames(node.outputs, other.outputs)
    );
  });
  const sameValues = before.values.every(({ name, constant, type }) => {
    const other = now.value(name);
    return other?.constant === constant && other.type === type;
  });
  return sameNodes && sameValues && before.nodes.length === now.nodes.length;
}
