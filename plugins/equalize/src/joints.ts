import { type Layer, type Node, readBias } from '@espalier/core';
import { equalizingFactors, leastFactors } from './equalizing-factors.js';
import { inputRanges, type Magnitudes, magnitudesOf, outputRanges } from './magnitudes.js';
import type { Pair } from './pairs.js';

/** A round in which no channel changes by more than this share is the last. */
const settled = 0.01;

/** The channels between two layers, and what they are scaled by. */
export interface Joint {
  readonly pair: Pair;
  /** Channels are divided by it before and multiplied behind. */
  readonly factors: Float64Array;
  /** What no factor falls below; none is above 1. */
  readonly least: Float64Array;
  /** Channels that keep the factor 1. */
  readonly fixed: ReadonlySet<number>;
}

/** A joint at which nothing is scaled yet, with biases that are not to grow beyond the largest. */
export function jointOf(pair: Pair): Joint {
  const factors = new Float64Array(pair.before.outputCount).fill(1);
  const biases = readBias(pair.before) ?? new Float64Array(factors.length);
  return { pair, factors, least: leastFactors(biases), fixed: new Set() };
}

/**
 * The same joint, with channels that stay below the bound of the Clip between as far as they do: dividing by at least peak / bound
 * keeps the peak within it. Channels that reach it stay as they are.
 *
 * @param peaks - the largest value of each channel, before it is bounded
 */
export function within(joint: Joint, peaks: Float64Array, bound: number): Joint {
  const shares = peaks.map((peak) => Math.max(0, peak) / bound);
  const reaching = Array.from(shares).flatMap((share, c) => (share >= 1 ? [c] : []));
  return {
    ...joint,
    least: shares.map((share, c) => Math.min(1, Math.max(share, joint.least[c] ?? 0))),
    fixed: new Set([...joint.fixed, ...reaching]),
  };
}

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
    const wanted = equalizingFactors(...this.#ranges(joint)).map((factor, c) => {
      const [now, bound] = [factors[c] as number, least[c] as number]; // as many channels in all
      return fixed.has(c) ? now : Math.max(now * factor, bound);
    });
    const change = wanted.reduce((most, f, c) => Math.max(most, Math.abs(f / (factors[c] as number) - 1)), 0);
    if (change <= settled) return 0;
    factors.set(wanted);
    return change;
  }

  /** The ranges on both sides of a joint, as weights are scaled now. */
  #ranges({ pair: { before, behind } }: Joint): readonly [before: Float64Array, behind: Float64Array] {
    const count = before.outputCount;
    return [
      outputRanges(this.#magnitudesOf(before), count, this.#factorsAround(before)),
      inputRanges(this.#magnitudesOf(behind), count, this.#factorsAround(behind)),
    ];
  }

  #magnitudesOf({ node }: Layer): Magnitudes {
    return this.#magnitudes.get(node) as Magnitudes; // of all layers beside joints
  }

  #factorsAround({ node }: Layer): Parameters<typeof outputRanges>[2] {
    return { inputs: this.#before.get(node)?.factors, outputs: this.#behind.get(node)?.factors };
  }
}
