import { createRandom, type Model, macCount } from '@espalier/core';
import { dimsOf, product } from '../networks/network-builder.js';
import { type Network, networkMacs } from '../networks/networks.js';

/** Samples of a step, as the issue and most papers have it. */
export const BATCH_SIZE = 64;

/** Batches that are made: an epoch of them is trained on over and over. */
const BATCHES = 16;

/** How weights follow their gradients. The same numbers for all engines. */
export type Rule =
  | { readonly name: 'sgd'; readonly learningRate: number; readonly momentum: number }
  | {
      readonly name: 'adam';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
    };

export const rules: readonly Rule[] = [
  { name: 'sgd', learningRate: 0.01, momentum: 0.9 },
  { name: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
];

/** What a step is given. */
export interface Batch {
  /** Samples one after the other, NCHW. */
  readonly pixels: Float32Array;
  /** The class of each. */
  readonly labels: Uint8Array;
}

/** A network that is to be trained, and on what: the loss is the mean cross-entropy of the softmax of the outputs. */
export interface Task {
  readonly network: Network;
  readonly rule: Rule;
  readonly model: Model;
  /** Shape of one sample. */
  readonly dims: readonly number[];
  readonly classes: number;
  readonly batches: readonly Batch[];
  /**
   * Multiply-accumulates of a step: forward, gradients of the weights, and those of all inputs but the network's.
   */
  readonly macs: number;
}

export function makeTask(network: Network, rule: Rule): Task {
  const model = network.make();
  const { graph } = model;
  const [input, output] = [graph.inputs[0], graph.outputs[0]];
  const dims = dimsOf(input).slice(1);
  const classes = dimsOf(output)[1] ?? 0;
  if (input !== undefined) graph.setType(input, { dtype: 'float32', dims: ['N', ...dims] });
  const batches = Array.from({ length: BATCHES }, (_, i) => makeBatch(`${network.name} ${i}`, dims, classes));
  return { network, rule, model, dims, classes, batches, macs: BATCH_SIZE * sampleMacs(network) };
}

function sampleMacs(network: Network): number {
  const model = network.make();
  const [first] = model.graph.nodes;
  return 3 * networkMacs(model) - (first === undefined ? 0 : (macCount(first) ?? 0));
}

/** Seeded pixels of which most are dark, as in pictures of digits, and seeded classes. */
function makeBatch(seed: string, dims: readonly number[], classes: number): Batch {
  const random = createRandom(seed);
  const pixel = (): number => Math.max(0, 5 * random.next() - 4);
  return {
    pixels: Float32Array.from({ length: BATCH_SIZE * product(dims) }, pixel),
    labels: Uint8Array.from({ length: BATCH_SIZE }, () => Math.floor(random.next() * classes)),
  };
}
