// Whole files coded by `huffman` and by `range-coder`: bytes, and weights decoded a second.
//
//     node dist/coding/compare-coders.js [--large] [--parts]
//
// --large takes the 61 million weights of bench:alexnet too; --parts tells what the bytes of each file are.

import { readEspalier, writeEspalier } from '@espalier/container';
import {
  type Compressor,
  coreEncodings,
  elementCount,
  type Model,
  type Step,
  walkEncoding,
} from '@espalier/core';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { fuse } from '@espalier/plugin-fuse';
import { huffman, huffmanKind } from '@espalier/plugin-huffman';
import { prune } from '@espalier/plugin-prune';
import { quantize } from '@espalier/plugin-quantize';
import { rangeCoder, rangeCoderKind } from '@espalier/plugin-range-coder';
import { shareWeights } from '@espalier/plugin-share-weights';
import { createCompressor } from '@espalier/presets';
import { alexNetOfNoise } from '../alexnet/model.js';
import { timeSlot } from '../measure/time-slot.js';
import { leNetOfNoise } from './lenet.js';
import { deepCompressionSqueezeNet, resNet20 } from './shared-models.js';

interface Yardstick {
  readonly name: string;
  readonly model: () => Promise<Model | null> | Model | null;
  /** All but the coder. */
  readonly steps: readonly Step[];
}

const simplify: readonly Step[] = [fuse(), foldBatchNorm()];
const light: Step = prune({ by: 'deviation', quality: 0.25 });
const few: Step = prune({ density: { 'fc1.weight': 0.02, 'fc2.weight': 0.08, 'fc3.weight': 0.6 } });

const yardsticks: readonly Yardstick[] = [
  { name: 'SqueezeNet, Deep Compression', model: deepCompressionSqueezeNet, steps: [] },
  {
    name: 'ResNet-20, smallest',
    model: resNet20,
    steps: [...simplify, light, shareWeights({ bits: 4 })],
  },
  {
    name: 'ResNet-20, deep-compression',
    model: resNet20,
    steps: [...simplify, light, shareWeights({ bits: 5 })],
  },
  {
    name: 'ResNet-20, int8 weights',
    model: resNet20,
    steps: [...simplify, quantize({ mode: 'weight-only' })],
  },
  { name: 'LeNet-300-100 of noise', model: () => leNetOfNoise(1), steps: [few, shareWeights({ bits: 3 })] },
  {
    name: 'LeNet-300-100 of noise, biases shared',
    model: () => leNetOfNoise(1),
    steps: [few, shareWeights({ bits: 3, biasBits: 4, centroids: 'float16' })],
  },
];

const large: Yardstick = {
  name: 'AlexNet of noise',
  model: () => alexNetOfNoise(1),
  steps: [prune({ density: 0.11 }), shareWeights({ bits: 5 })],
};

const coders: Readonly<Record<string, Step>> = { huffman: huffman(), 'range-coder': rangeCoder() };

async function compress(compressor: Compressor, model: Model, steps: readonly Step[]): Promise<Model> {
  return (await compressor.run(model, steps, { seed: 1, driftSamples: 0 })).model;
}

/** Millions of weights a second: all layers, the least time of some. */
async function decodeRate(model: Model): Promise<number> {
  const weights = model.weights();
  const count = weights.reduce((sum, { encoding }) => sum + elementCount(encoding.dims), 0);
  let seen = 0;
  const decode = async (): Promise<void> => {
    for (const weight of weights) seen += weight.decode().size;
  };
  await decode();
  const times = await timeSlot(decode, 1, 2000);
  if (seen === 0) throw new Error('The model has no weights.');
  return count / Math.min(...times) / 1000;
}

/** Bytes by slot and kind of encoding, and what is left for graph, names and framing. */
function partsOf(model: Model, fileBytes: number): string {
  const parts = new Map<string, number>();
  let rest = fileBytes;
  for (const { constant } of model.graph.constants) {
    if (constant === null) continue;
    for (const { encoding, path } of walkEncoding(constant)) {
      const children = Object.values(encoding.children).reduce((sum, { byteLength }) => sum + byteLength, 0);
      const name = `${path.at(-1) ?? 'whole'} ${encoding.kind}`;
      parts.set(name, (parts.get(name) ?? 0) + encoding.byteLength - children);
      rest -= encoding.byteLength - children;
    }
  }
  return [...parts, ['graph and framing', rest] as const]
    .map(([name, bytes]) => `${name} ${bytes}`)
    .join(', ');
}

function row(...cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

const flags = process.argv.slice(2);
const compressor = createCompressor();
row('model', 'coder', 'file bytes', 'M weights/s decoded');
row('---', '---', '---:', '---:');
for (const { name, model, steps } of flags.includes('--large') ? [...yardsticks, large] : yardsticks) {
  const original = await model();
  if (original === null) {
    console.log(`${name}: left out, its file is not in ../shared, beside the repository`);
    continue;
  }
  const prepared = await compress(compressor, original, steps);
  for (const [coder, step] of Object.entries(coders)) {
    const small = await compress(compressor, prepared, [step]);
    const file = writeEspalier(small);
    const back = readEspalier(file, { encodings: [...coreEncodings, huffmanKind, rangeCoderKind] });
    row(name, coder, file.length.toLocaleString('en-US'), (await decodeRate(back)).toFixed(1));
    if (flags.includes('--parts')) console.log(partsOf(small, file.length));
  }
}
