import type { Layer, Node } from '@espalier/core';
import { balancingFactors, equalizingFactors } from './equalizing-factors.js';
import type { Joint } from './joint.js';
import {
  type ChannelFactors,
  inputRanges,
  type Magnitudes,
  magnitudesOf,
  outputRanges,
} from './magnitudes.js';

/** A factor that would change by no more than this share stays. */
const settled = 0.01;

/** All joints, and the weights around them as they were. */
export class Balance {
  readonly #joints: readonly Joint[];
  readonly #magnitudes: Map<Node, Magnitudes> = new Map<Node, Magnitudes>();
  readonly #before: Map<Node, Joint> = new Map<Node, Joint>();
  readonly #behind: Map<Node, Joint> = new Map<Node, Joint>();

  constructor(joints: readonly Joint[]) {
    this.#joints = joints;
    for (const joint of joints) {
      this.#before.set(joint.pair.behind.node, joint);
      this.#behind.set(joint.pair.before.node, joint);
      for (const layer of [joint.pair.before, joint.pair.behind])
        if (!this.#magnitudes.has(layer.node)) this.#magnitudes.set(layer.node, magnitudesOf(layer));
    }
  }

  /**
   * One turn over all joints.
   *
   * @returns the largest share by which a factor changed
   */
  turn(): number {
    return this.#joints.reduce((most, joint) => Math.max(most, this.#settle(joint)), 0);
  }

  #settle(joint: Joint): number {
    const { factors, least, fixed } = joint;
    const wanted = this.#wanted(joint).map((factor, c) => {
      const now = factors[c] as number; // as many channels in all
      return fixed.has(c) ? now : Math.max(now * factor, least[c] as number);
    });
    const change = wanted.reduce((most, f, c) => Math.max(most, Math.abs(f / (factors[c] as number) - 1)), 0);
    if (change <= settled) return 0;
    factors.set(wanted);
    return change;
  }

  /** What the channels of a joint should be scaled by beside what they are. */
  #wanted({ pair: { before, behind }, factors, biases, reach }: Joint): Float64Array {
    const weightsBefore = outputRanges(
      this.#magnitudesOf(before),
      factors.length,
      this.#factorsAround(before),
    );
    const weightsBehind = inputRanges(
      this.#magnitudesOf(behind),
      factors.length,
      this.#factorsAround(behind),
    );
    if (reach === null) return equalizingFactors(weightsBefore, weightsBehind);
    const scaled = (values: Float64Array): Float64Array => values.map((x, c) => x / (factors[c] as number)); // as many channels
    return balancingFactors([weightsBefore, scaled(biases), scaled(reach)], weightsBehind);
  }

  #magnitudesOf({ node }: Layer): Magnitudes {
    return this.#magnitudes.get(node) as Magnitudes; // of all layers beside joints
  }

  #factorsAround({ node }: Layer): ChannelFactors {
    return { inputs: this.#before.get(node)?.factors, outputs: this.#behind.get(node)?.factors };
  }
}
