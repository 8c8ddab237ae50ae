import type { Step } from '@espalier/core';
import { huffman } from '@espalier/plugin-huffman';
import { prune } from '@espalier/plugin-prune';
import { rangeCoder } from '@espalier/plugin-range-coder';
import { shareWeights } from '@espalier/plugin-share-weights';
import { type ChainStep, pass } from './chain.js';
import type { Network, Widths } from './models.js';
import { narrow } from './narrow.js';
import { type GradualPruning, pruneAndRetrain } from './prune-and-retrain.js';
import { roundBiases } from './round-biases.js';
import { type CentroidTraining, trainCentroids } from './train-centroids.js';

/** How one network is made small. */
export interface LenetRecipe {
  readonly network: Network['name'];
  /** Behind the name of the network. */
  readonly title: string;
  readonly about: string;
  readonly steps: readonly ChainStep[];
}

interface Settings {
  /** Units that are left before weights are pruned; all where left out. */
  readonly widths?: Widths;
  readonly prune: GradualPruning;
  readonly bits: number | Readonly<Record<string, number>>;
  readonly centroids: Omit<CentroidTraining, 'biases'>;
  readonly coder: Step;
  /** Bits of mantissa that biases keep; all where left out. */
  readonly biasBits?: number;
}

function stepsOf(settings: Settings): readonly ChainStep[] {
  const { widths, prune: pruning, bits, centroids, coder, biasBits } = settings;
  return [
    {
      name: 'prune, retrain',
      async run(model, run) {
        const start = widths === undefined ? model : narrow(model, run.network, widths);
        const trained = await pruneAndRetrain(start, pruning, run);
        return pass(prune({ density: pruning.density })).run(trained, run);
      },
    },
    {
      name: 'share weights',
      async run(model, run) {
        const shared = await pass(shareWeights({ bits })).run(model, run);
        return biasBits === undefined ? shared : roundBiases(shared, biasBits);
      },
    },
    {
      name: 'train centroids',
      // Biases that were rounded stay so.
      run: (model, run) => trainCentroids(model, { ...centroids, biases: biasBits === undefined }, run),
    },
    pass(coder),
  ];
}

/** Tables by the name of the command. Densities are shares kept. */
export const lenetRecipes: Readonly<Record<string, LenetRecipe>> = {
  'lenet-300-100': {
    network: 'lenet-300-100',
    title: 'the recipe of Deep Compression',
    about:
      'Pruned to the densities of the paper or below while retrained, 6 bits shared, centroids trained, Huffman codes.',
    steps: stepsOf({
      prune: {
        density: { 'fc1.weight': 0.065, 'fc2.weight': 0.09, 'fc3.weight': 0.26 },
        epochs: 8,
        ramp: 4,
        learningRate: 1e-3,
        shift: 1,
      },
      bits: 6,
      centroids: { epochs: 1, learningRate: 3e-4, shift: 1 },
      coder: huffman(),
    }),
  },
  'lenet-5': {
    network: 'lenet-5',
    title: 'the recipe of Deep Compression',
    about:
      'Pruned to the densities of the paper or below while retrained, 8 and 5 bits shared, centroids trained, Huffman codes.',
    steps: stepsOf({
      prune: {
        density: { 'conv1.weight': 0.66, 'conv2.weight': 0.12, 'fc1.weight': 0.065, 'fc2.weight': 0.19 },
        epochs: 6,
        ramp: 3,
        learningRate: 1e-3,
        shift: 1,
      },
      bits: { Conv: 8, Gemm: 5 },
      centroids: { epochs: 1, learningRate: 3e-4, shift: 1 },
      coder: huffman(),
    }),
  },
  'lenet-300-100-smallest': {
    network: 'lenet-300-100',
    title: 'as small as it gets',
    about:
      'Pruned further over more epochs, 3 bits shared, biases rounded to 2 bits of mantissa, centroids trained, range coded.',
    steps: stepsOf({
      prune: {
        density: { 'fc1.weight': 0.026, 'fc2.weight': 0.09, 'fc3.weight': 0.6 },
        epochs: 26,
        ramp: 10,
        learningRate: 2e-3,
        shift: 1,
      },
      bits: 3,
      biasBits: 2,
      centroids: { epochs: 2, learningRate: 1e-3, shift: 1 },
      coder: rangeCoder(),
    }),
  },
  'lenet-5-smallest': {
    network: 'lenet-5',
    title: 'as small as it gets',
    about:
      'Narrowed to 12 and 30 channels and 150 units, pruned further over more epochs, 4 bits shared, biases rounded to 2 bits of mantissa, centroids trained, range coded.',
    steps: stepsOf({
      widths: { conv1: 12, conv2: 30, fc1: 150 },
      prune: {
        density: { 'conv1.weight': 0.7, 'conv2.weight': 0.25, 'fc1.weight': 0.04, 'fc2.weight': 0.35 },
        epochs: 16,
        ramp: 8,
        learningRate: 1e-3,
        shift: 1,
      },
      bits: 4,
      biasBits: 2,
      centroids: { epochs: 1, learningRate: 3e-4, shift: 1 },
      coder: rangeCoder(),
    }),
  },
};

/** What `npm start` runs: few epochs, so that it takes a minute or two. */
export const headlineRecipe: LenetRecipe = {
  network: 'lenet-300-100',
  title: 'in a minute',
  about: 'Pruned while retrained over eight epochs, 5 bits shared, centroids trained for one, Huffman codes.',
  steps: stepsOf({
    prune: {
      density: { 'fc1.weight': 0.05, 'fc2.weight': 0.12, 'fc3.weight': 0.6 },
      epochs: 8,
      ramp: 5,
      learningRate: 1e-3,
      shift: 1,
    },
    bits: 5,
    biasBits: 2,
    centroids: { epochs: 1, learningRate: 3e-4, shift: 1 },
    coder: huffman(),
  }),
};
