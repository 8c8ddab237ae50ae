import { type Feeds, InternalError, Tensor, type Value } from '@espalier/core';
import type { Activation } from '../memory/activation.js';
import { sameDims } from '../memory/layout.js';
import type { HeldSpace } from '../tape/space.js';
import { StaleTape } from '../tape/stale-tape.js';
import type { Tape } from '../tape/tape.js';

interface BindingParts {
  readonly tape: Tape;
  readonly inputs: ReadonlyMap<Value, Activation>;
  readonly outputs: ReadonlyMap<Value, Activation>;
  readonly filled: readonly Activation[];
  readonly held: HeldSpace;
}

interface Input {
  readonly name: string;
  readonly activation: Activation;
}

/** A plan for feeds of some shapes: the tape that computes it, and where its inputs and outputs are. */
export class Binding {
  readonly tape: Tape;
  /** In a list: going through a map makes an array for each entry. */
  readonly #inputs: readonly Input[];
  readonly #outputs: ReadonlyMap<Value, Activation>;
  /** What TypeScript fills in a run. */
  readonly #filled: readonly Activation[];
  readonly #held: HeldSpace;

  constructor(parts: BindingParts) {
    this.tape = parts.tape;
    this.#inputs = Array.from(parts.inputs, ([{ name }, activation]) => ({ name, activation }));
    this.#outputs = parts.outputs;
    this.#filled = parts.filled;
    this.#held = parts.held;
  }

  /** Whether it was made for feeds of these shapes. */
  fits(feeds: Feeds): boolean {
    return this.#inputs.every(({ name, activation }) => {
      const given = feeds[name]?.dims;
      return given !== undefined && sameDims(given, activation.dims);
    });
  }

  /** Whether feeds, of which nothing is known, are the tensors it was made for. */
  accepts(feeds: Readonly<Record<string, unknown>>): feeds is Feeds {
    let count = 0;
    for (const _ in feeds) count++;
    if (count !== this.#inputs.length) return false;
    for (const { name, activation } of this.#inputs) {
      const given = feeds[name];
      if (!(given instanceof Tensor) || given.type !== activation.type) return false;
      if (!sameDims(given.dims, activation.dims)) return false;
    }
    return true;
  }

  /** The outputs for feeds that fit; null where a shape turned out to depend on the values fed. */
  run(feeds: Feeds): Record<string, Tensor> | null {
    this.feed(feeds);
    try {
      this.tape.settle();
      this.tape.run();
      return this.collect();
    } catch (error) {
      // Out of memory: the run that is recorded next says at which node, or finds the room.
      if (error instanceof StaleTape || error instanceof RangeError) return null;
      throw error;
    } finally {
      this.clear();
    }
  }

  /** Hands over the inputs of a run. */
  feed(feeds: Feeds): void {
    for (const { name, activation } of this.#inputs) {
      const tensor = feeds[name];
      if (tensor === undefined) throw new InternalError({ what: `The input "${name}" is not fed.` });
      activation.hold(tensor);
    }
  }

  collect(): Record<string, Tensor> {
    const outputs: Record<string, Tensor> = {};
    // The caller may write to them: they must not be weights, or what the caller fed.
    for (const [value, activation] of this.#outputs) outputs[value.name] = activation.copy();
    return outputs;
  }

  /** Lets go of what the caller fed, and of what was made of it. */
  clear(): void {
    for (const { activation } of this.#inputs) activation.drop();
    for (const activation of this.#filled) activation.drop();
  }

  /** Gives its memory back; it can't run any more. */
  release(): void {
    this.tape.release();
    this.#held.release();
  }
}
