import { createRandom, type Dim, Graph, Model, Tensor, type Value } from '@espalier/core';
import { expect } from 'vitest';
import {
  type Samples,
  samples,
  sgd,
  softmaxCrossEntropy,
  Trainer,
  type TrainerOptions,
} from '../src/index.js';
import { crossEntropy, Twin, type TwinLoss } from './float64-twin.js';

/** Of the largest gradient of a weight: 2^-24 a step, with room for some ten steps that add up. */
const TOLERANCE = 1e-6;

/** Builds graphs with seeded weights. */
export class Builder {
  readonly graph = new Graph();
  readonly #random = createRandom('gradient-check');
  #three: Value | null = null;

  input(dims: readonly Dim[], name = 'x'): Value {
    return this.graph.addInput(name, { dtype: 'float32', dims });
  }

  /** Uniform in +-size. */
  weight(dims: readonly number[], name = '', size = 0.5): Value {
    return this.graph.constant(this.tensor(dims, size), name);
  }

  tensor(dims: readonly number[], size = 0.5): Tensor {
    const data = Float32Array.from(
      { length: dims.reduce((a, b) => a * b, 1) },
      () => (this.#random.next() * 2 - 1) * size,
    );
    return new Tensor('float32', data, dims);
  }

  scalar(value: number): Value {
    return this.graph.constant(new Tensor('float32', Float32Array.of(value), []));
  }

  ints(...values: readonly number[]): Value {
    return this.graph.constant(new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]));
  }

  apply(...[spec, name]: Parameters<Graph['apply']>): Value {
    return this.graph.apply(spec, name);
  }

  /** Made by trained weights from three numbers: what comes out of an operator behind it depends on each element. */
  trainedImage(dims: readonly number[], name = 'image'): Value {
    const size = dims.reduce((a, b) => a * b, 1);
    this.#three ??= this.input(['N', 3]);
    const flat = this.apply({ op: 'MatMul', inputs: [this.#three, this.weight([3, size], name)] });
    return this.apply({ op: 'Reshape', inputs: [flat, this.ints(-1, ...dims)] });
  }

  /** With `logits` as the only output. */
  model(logits: Value): Model {
    this.graph.addOutput(logits);
    return new Model(this.graph);
  }

  /** Four logits of a value of which each element counts, and in which a number added to all is no nothing. */
  classes(value: Value, dims: readonly number[]): Value {
    const size = dims.reduce((a, b) => a * b, 1);
    const bent = this.apply({ op: 'Tanh', inputs: [this.flat(value)] });
    return this.apply({ op: 'MatMul', inputs: [bent, this.weight([size, 4], 'classes')] });
  }

  /** [N, ...] to [N, size]. */
  flat(value: Value): Value {
    return this.apply({ op: 'Flatten', inputs: [value] });
  }
}

/** Seeded inputs and classes for a model with one input. */
export function seededSamples(model: Model, count: number, classes: number): Samples {
  const random = createRandom('samples');
  const [input] = model.graph.inputs;
  const dims = (input?.type?.dims ?? []).slice(1).map(Number);
  const size = dims.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: count * size }, () => random.next() * 2 - 1);
  const labels = Int32Array.from({ length: count }, () => random.below(classes));
  return samples({ inputs: { [input?.name ?? '']: { data, dims } }, labels });
}

export interface CheckOptions extends Partial<TrainerOptions> {
  readonly twinLoss?: TwinLoss;
  /** A model that spells out what the first one says in one operator. */
  readonly twin?: Model;
  /** How large the terms of gradients are, where they may cancel and leave little: shapes that were drawn. Default 0. */
  readonly terms?: number;
}

/**
 * Compares the gradients by all weights of a model with central differences of the loss of its float64 twin.
 *
 * In float64 the difference is good to some 1e-9; what is left is the rounding of float32 sums of up to some thousand
 * terms, relative to the largest gradient.
 */
export async function checkGradients(model: Model, data: Samples, options: CheckOptions = {}): Promise<void> {
  const { twinLoss = crossEntropy, twin: spelledOut = model, terms = 0, ...rest } = options;
  const twin = await Twin.of(spelledOut);
  const trainer = await Trainer.create(model, {
    loss: softmaxCrossEntropy(),
    // So small a step changes no weight.
    optimizer: sgd({ learningRate: 1e-30, momentum: 0 }),
    batchSize: data.count,
    ...rest,
  });
  expect(trainer.weightNames.length).toBeGreaterThan(0);
  await trainer.fit(data, { epochs: 1 });
  for (const name of trainer.weightNames) {
    const analytic = trainer.gradient(name);
    const numeric = await twin.gradient(name, data, twinLoss);
    const largest = numeric.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    // A weight without influence would check nothing.
    expect(largest, name).toBeGreaterThan(terms > 0 ? 1e-6 : 1e-3);
    for (const [i, expected] of numeric.entries()) {
      const got = analytic[i] ?? Number.NaN;
      expect(Math.abs(got - expected), `${name}[${i}]: ${got}, ${expected}`).toBeLessThan(
        Math.max(largest, terms) * TOLERANCE,
      );
    }
  }
  trainer.release();
}
