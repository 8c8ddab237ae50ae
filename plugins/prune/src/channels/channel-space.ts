import type { Graph, Model, Node, Value } from '@espalier/core';

/** A dimension of a tensor, as slots that may be taken out one by one. */
export interface Axis {
  readonly value: Value;
  /** Which use of a constant it belongs to, where each use has slots of its own; null where all share them. */
  readonly use: { readonly node: Node; readonly index: number } | null;
  readonly axis: number;
  /** Number of its first slot; the others follow. */
  readonly start: number;
  readonly size: number;
}

/** A node that sums over an axis of what it reads: what it computes has no part of it. */
export interface Contraction {
  readonly node: Node;
  readonly read: Axis;
  /** The dimension of the constant weights that goes with it; null where both factors are computed. */
  readonly weight: Axis | null;
}

/** Rising indices of the slots of an axis that are left. */
export type KeptSlots = (axis: Axis) => Uint32Array;

/** Mends what a node says of sizes. */
export type Repair = (kept: KeptSlots) => void;

/**
 * Which slots of which tensors have to go together.
 *
 * Every index along every dimension of a tensor is a slot. Operators couple slots: the channel c of a Relu's result with
 * the channel c of what it reads, row c of a convolution's weights with channel c of its result. Slots that are coupled, on
 * whatever way, are one unit. It can be taken out of all tensors at once, unless one of its slots is pinned.
 *
 * The idea is that of dependency graphs, Fang et al. 2023 (arXiv:2301.12900), by slots instead of layers: so
 * concatenation, flattening, groups and residual sums need no case of their own.
 */
export class ChannelSpace {
  readonly graph: Graph;
  readonly axes: Axis[] = [];
  /** Dimensions of weights whose slices compute a unit each. */
  readonly producers: Axis[] = [];
  readonly contractions: Contraction[] = [];
  readonly #parents: number[] = [];
  /** Why the unit of a slot can't go, by the slot that stands for it. */
  readonly #pins = new Map<number, string>();
  readonly #known = new Map<Value, readonly (Axis | null)[] | null>();
  readonly #ownUses = new Map<Node, Map<number, readonly (Axis | null)[]>>();
  readonly #weights: ReadonlySet<Value>;
  readonly #repairs: Repair[] = [];

  constructor(model: Model) {
    this.graph = model.graph;
    this.#weights = new Set(model.weights().map(({ value }) => value));
  }

  /**
   * The dimensions of what a node reads; null for each whose size is not known, and in all where the rank is not.
   *
   * A constant that is no weight has slots for each of its uses: exporters let layers share one vector of zeros.
   */
  inputAxes(node: Node, index: number): readonly (Axis | null)[] | null {
    const value = node.inputs[index];
    if (value == null) return [];
    if (value.constant === null || this.#weights.has(value)) return this.axesOf(value);
    const uses = this.#ownUses.get(node) ?? new Map<number, readonly (Axis | null)[]>();
    this.#ownUses.set(node, uses);
    const known = uses.get(index) ?? this.#addAxes(value, { node, index }) ?? [];
    uses.set(index, known);
    return known;
  }

  /** The dimensions of a computed value or a weight. */
  axesOf(value: Value): readonly (Axis | null)[] | null {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const axes = this.#addAxes(value, null);
    this.#known.set(value, axes);
    return axes;
  }

  /** Makes two slots one unit. */
  couple(a: Axis, i: number, b: Axis, j: number): void {
    const [kept, gone] = [this.unitAt(a, i), this.unitAt(b, j)];
    if (kept === gone) return;
    this.#parents[gone] = kept;
    const why = this.#pins.get(gone);
    if (why !== undefined && !this.#pins.has(kept)) this.#pins.set(kept, why);
  }

  /** The units of an axis stay, for a reason that ends a sentence. */
  pin(axis: Axis, why: string): void {
    for (let i = 0; i < axis.size; i++) {
      const unit = this.unitAt(axis, i);
      if (!this.#pins.has(unit)) this.#pins.set(unit, why);
    }
  }

  /** Why a unit stays; null where it may go. */
  pinned(unit: number): string | null {
    return this.#pins.get(unit) ?? null;
  }

  isPinned(axis: Axis): boolean {
    for (let i = 0; i < axis.size; i++) if (!this.#pins.has(this.unitAt(axis, i))) return false;
    return true;
  }

  /** The number of the unit that a slot belongs to. */
  unitAt({ start }: Axis, index: number): number {
    let slot = start + index;
    for (let parent = this.#parents[slot]!; parent !== slot; parent = this.#parents[slot]!) {
      // Every second step is left out for those who come later.
      this.#parents[slot] = this.#parents[parent]!;
      slot = parent;
    }
    return slot;
  }

  /** Says what mends a node's attributes and constants once tensors have become narrower. */
  addRepair(repair: Repair): void {
    this.#repairs.push(repair);
  }

  repair(kept: KeptSlots): void {
    for (const repair of this.#repairs) repair(kept);
  }

  #addAxes(value: Value, use: Axis['use']): readonly (Axis | null)[] | null {
    const dims = value.constant?.dims ?? value.type?.dims;
    if (dims == null) return null;
    return dims.map((size, axis) =>
      typeof size === 'number' ? this.#addAxis(value, use, axis, size) : null,
    );
  }

  #addAxis(value: Value, use: Axis['use'], axis: number, size: number): Axis {
    const start = this.#parents.length;
    for (let i = 0; i < size; i++) this.#parents.push(start + i);
    const added: Axis = { value, use, axis, start, size };
    this.axes.push(added);
    return added;
  }
}
