import type { Node } from '@espalier/core';
import type { Axis, ChannelSpace } from './channel-space.js';

export type MaybeAxis = Axis | null | undefined;

/** One node, as the coupling of its operator sees it. */
export class NodeAxes {
  readonly node: Node;
  readonly space: ChannelSpace;

  constructor(node: Node, space: ChannelSpace) {
    this.node = node;
    this.space = space;
  }

  /** The dimensions of an input; none where it is left out. */
  input(index: number): readonly MaybeAxis[] {
    return this.space.inputAxes(this.node, index) ?? [];
  }

  output(index = 0): readonly MaybeAxis[] {
    const value = this.node.outputs[index];
    return value == null ? [] : (this.space.axesOf(value) ?? []);
  }

  /** Whether all that the node reads and computes has a known rank. */
  get hasRanks(): boolean {
    const { inputs, outputs } = this.node;
    return (
      inputs.every((_, i) => this.space.inputAxes(this.node, i) !== null) &&
      outputs.every((value) => value === null || this.space.axesOf(value) !== null)
    );
  }

  /** Couples two dimensions slot by slot. Where their sizes differ, or one is not known, both stay. */
  couple(a: MaybeAxis, b: MaybeAxis): void {
    if (a != null && b != null && a.size === b.size) {
      for (let i = 0; i < a.size; i++) this.space.couple(a, i, b, i);
      return;
    }
    this.pin(a, b);
  }

  /** Couples all dimensions of an input with those of the output. */
  coupleAll(input: readonly MaybeAxis[], output: readonly MaybeAxis[]): void {
    for (let i = 0; i < Math.max(input.length, output.length); i++) this.couple(input[i], output[i]);
  }

  /** Couples what is broadcast with the result. */
  broadcast(input: readonly MaybeAxis[], output: readonly MaybeAxis[]): void {
    const offset = output.length - input.length;
    for (const [i, axis] of input.entries()) {
      const target = output[offset + i];
      if (axis == null && target == null) continue;
      if (axis?.size === 1 && target?.size !== 1) this.pin(axis);
      else this.couple(axis, target);
    }
  }

  /** The node needs these dimensions as they are. */
  pin(...axes: readonly MaybeAxis[]): void {
    const { op, name, outputs } = this.node;
    for (const axis of axes) {
      if (axis != null) this.space.pin(axis, `${op} "${name || (outputs[0]?.name ?? '')}" needs all of them`);
    }
  }

  /** The node needs all that it reads and computes as it is. */
  pinAll(): void {
    for (let i = 0; i < this.node.inputs.length; i++) this.pin(...this.input(i));
    for (let i = 0; i < this.node.outputs.length; i++) this.pin(...this.output(i));
  }

  /** The slices of a weight along this dimension compute a unit each. */
  produces(weight: MaybeAxis): void {
    if (weight != null && !this.space.producers.includes(weight)) this.space.producers.push(weight);
  }

  /** The node sums over a dimension of what it reads. */
  contracts(read: MaybeAxis, weight: MaybeAxis): void {
    if (read == null) return;
    const isConstant = weight?.value.constant != null;
    this.space.contractions.push({ node: this.node, read, weight: isConstant ? weight : null });
  }
}

/** How an operator couples what it reads with what it computes. */
export type Coupling = (axes: NodeAxes) => void;
