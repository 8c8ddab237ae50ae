import { type Feeds, type Graph, ModelError, type Value } from '@espalier/core';
import type { Address } from '@espalier/runtime/tape';
import type { StepRecorder } from '../step/step-recorder.js';

/** What a loss is recorded from. Arrays are [count, width] float32, losses [count]. */
export interface LossCall {
  readonly count: number;
  readonly width: number;
  readonly output: Address;
  readonly targets: number;
  readonly losses: number;
  /** Of the mean loss of the batch by the output. */
  readonly gradient: Address;
}

/** What is compared with what, and how. */
export interface Loss {
  readonly name: string;
  /** What a sample has to come with: the number of its class, numbers that the output is to be, or neither. */
  readonly needs: 'labels' | 'targets' | 'teacher';
  /**
   * The value that is compared.
   *
   * @throws {ModelError} when the model has no such output
   */
  compared(graph: Graph): Value;
  /** Turns the class of a sample into what the output is compared with; `to` has the width of the output. */
  writeTarget?(label: number, to: Float32Array): void;
  /** Makes what gives targets, where the loss has them from another model. */
  open?(): Promise<TargetSource>;
  record(step: StepRecorder, call: LossCall): void;
}

/** Gives what an output is compared with, from the samples of a batch. */
export interface TargetSource {
  /** @param to - where they go; asked for when they are known */
  targetsOf(feeds: Feeds, to: () => Float32Array): Promise<void>;
  release(): void;
}

/**
 * An output of a model by name.
 *
 * @param name - may be left out where there is one output
 * @throws {ModelError} when there is none of that name, or the name is left out and there are several
 */
export function outputOf(graph: Graph, name: string | undefined): Value {
  const found =
    name === undefined
      ? graph.outputs.length === 1
        ? graph.outputs[0]
        : undefined
      : graph.outputs.find((value) => value.name === name);
  if (found !== undefined) return found;
  const names = graph.outputs.map((value) => `"${value.name}"`).join(', ');
  throw new ModelError({
    what: name === undefined ? 'The model has several outputs.' : `The model has no output "${name}".`,
    where: 'option "output" of the loss',
    fix: `Name one of ${names}.`,
  });
}
