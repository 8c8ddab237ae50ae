import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recipe, RecipeStep } from '@espalier/core';
import { cifarFile } from '../cifar.js';
import { espalierJson } from '../command.js';
import { formatCount, type Reproduction } from '../table.js';
import { pixelFlags, requireResNet20, resnet20File } from './resnet20.js';

const simplify: readonly RecipeStep[] = ['fuse', 'fold-batch-norm'];
const share = (bits: number): RecipeStep => ({ pass: 'share-weights', options: { bits } });

const shareWithin = (maxBytes: number): RecipeStep => ({
  pass: 'share-weights',
  options: { budget: { maxBytes }, entropy: 1 },
});

/** One row of the table each: the steps, or the name of a recipe. */
const rows: Readonly<Record<string, readonly RecipeStep[] | string>> = {
  'recipe int8': 'int8',
  'recipe float16': 'float16',
  'recipe deep-compression': 'deep-compression',
  'recipe smallest': 'smallest',
  'fold and fuse': simplify,
  'int8 weights only, Huffman': [
    ...simplify,
    { pass: 'quantize', options: { mode: 'weight-only' } },
    'huffman',
  ],
  '6-bit shared weights, Huffman': [...simplify, share(6), 'huffman'],
  '5-bit shared weights, Huffman': [...simplify, share(5), 'huffman'],
  '4-bit shared weights, Huffman': [...simplify, share(4), 'huffman'],
  '4-bit shared weights, range coder': [...simplify, share(4), 'range-coder'],
  '3-bit shared weights, range coder': [...simplify, share(3), 'range-coder'],
  'bits by layer, 122,000 bytes, range coder': [...simplify, shareWithin(122_000), 'range-coder'],
  'bits by layer, 93,000 bytes, range coder': [...simplify, shareWithin(93_000), 'range-coder'],
  'recipe smallest with 6 bits whose code length counts': [
    ...simplify,
    { pass: 'prune', options: { by: 'deviation', quality: 0.25 } },
    { pass: 'share-weights', options: { bits: 6, entropy: 12 } },
    'range-coder',
  ],
  'budget of 118,000 bytes, range coder': [
    ...simplify,
    { pass: 'budget', options: { maxBytes: 118_000 } },
    'range-coder',
  ],
  'prune to 50 %': [...simplify, { pass: 'prune', options: { density: 0.5 } }],
  'prune to 50 %, 5-bit, Huffman': [
    ...simplify,
    { pass: 'prune', options: { density: 0.5 } },
    share(5),
    'huffman',
  ],
};

interface Row {
  readonly row: string;
  readonly right: number;
  readonly of: number;
  readonly fileBytes: number;
  readonly ratio: number;
}

/** ResNet-20 on the 2,000 CIFAR-10 test images, compressed in several ways without retraining. */
export async function reproduceResNet20(out: string): Promise<Reproduction> {
  requireResNet20();
  const results: Row[] = [];
  for (const [name, steps] of Object.entries(rows)) {
    const recipe = typeof steps === 'string' ? steps : await writeRecipe(out, { name, steps });
    const file = join(out, 'resnet20.espalier');
    const said = await espalierJson(
      'compress',
      resnet20File,
      '-o',
      file,
      '--recipe',
      recipe,
      '--force',
      '--calibration',
      cifarFile('calib-images.npy'),
      '--data',
      cifarFile('test-images.npy'),
      '--labels',
      cifarFile('test-labels.npy'),
      ...pixelFlags,
    );
    results.push(rowOf(name, said as Compressed));
    console.error(`${name} done`);
  }
  const cells = results.map(({ row, right, of, fileBytes, ratio }) => [
    row,
    `${right} of ${of}`,
    formatCount(fileBytes),
    `${ratio.toFixed(2)}x`,
  ]);
  return {
    title: 'ResNet-20 on the 2,000 CIFAR-10 test images',
    notes: [
      'Nothing is retrained. Bytes are those of whole `.espalier` files; the ONNX file has 1,098,143 and 1829 of 2,000 right. Activation ranges of int8 are measured on 256 images of the training set, errors of the outputs, for bits by layer, on 64. Bytes that these are given are for an ideal coder of single symbols.',
    ],
    head: ['what was done', 'right', 'file bytes', 'smaller'],
    cells,
    data: results,
  };
}

async function writeRecipe(out: string, recipe: Recipe): Promise<string> {
  const file = join(out, 'resnet20-recipe.json');
  await writeFile(file, JSON.stringify(recipe));
  return file;
}

/** The part of the command's JSON that the table needs. */
interface Compressed {
  readonly before: { readonly sizeBytes: number };
  readonly after: { readonly sizeBytes: number };
  readonly quality: {
    readonly samples: number;
    readonly top1: { readonly before: number; readonly after: number };
  };
}

function rowOf(row: string, { before, after, quality }: Compressed): Row {
  return {
    row,
    right: quality.top1.after,
    of: quality.samples,
    fileBytes: after.sizeBytes,
    ratio: before.sizeBytes / after.sizeBytes,
  };
}
