import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Recipe, RecipeStep } from '@espalier/core';
import { espalierJson } from '../command.js';
import { table } from '../table.js';

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));
const model = join(shared, 'models/resnet20-cifar10.onnx');
const cifar = (name: string): string => join(shared, 'data/cifar10', name);

const pixels = ['--layout', 'nhwc', '--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225'];

const simplify: readonly RecipeStep[] = ['fuse', 'fold-batch-norm'];
const share = (bits: number): RecipeStep => ({ pass: 'share-weights', options: { bits } });

/** One row of the table each. */
const rows: Readonly<Record<string, readonly RecipeStep[]>> = {
  'fold and fuse': simplify,
  float16: [...simplify, { pass: 'quantize', options: { mode: 'float16' } }],
  'int8, Huffman': [...simplify, { pass: 'quantize', options: { mode: 'static' } }, 'huffman'],
  'int8 weights only, Huffman': [
    ...simplify,
    { pass: 'quantize', options: { mode: 'weight-only' } },
    'huffman',
  ],
  '6-bit shared weights, Huffman': [...simplify, share(6), 'huffman'],
  '5-bit shared weights, Huffman': [...simplify, share(5), 'huffman'],
  '4-bit shared weights, Huffman': [...simplify, share(4), 'huffman'],
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
export async function reproduceResNet20(out: string): Promise<unknown> {
  if (!existsSync(model))
    throw new Error('ResNet-20 and CIFAR-10 are expected in ../shared, beside the repository.');
  const results: Row[] = [];
  for (const [name, steps] of Object.entries(rows)) {
    const recipe: Recipe = { name, steps };
    const recipeFile = join(out, 'resnet20-recipe.json');
    await writeFile(recipeFile, JSON.stringify(recipe));
    const file = join(out, 'resnet20.espalier');
    const said = await espalierJson(
      'compress',
      model,
      '-o',
      file,
      '--recipe',
      recipeFile,
      '--force',
      '--calibration',
      cifar('calib-images.npy'),
      '--data',
      cifar('test-images.npy'),
      '--labels',
      cifar('test-labels.npy'),
      ...pixels,
    );
    results.push(rowOf(name, said as Compressed));
    console.error(`${name} done`);
  }
  const cells = results.map(({ row, right, of, fileBytes, ratio }) => [
    row,
    `${right} of ${of}`,
    String(fileBytes),
    `${ratio.toFixed(2)}x`,
  ]);
  console.log(table(['ResNet-20, CIFAR-10 test images', 'right', 'file bytes', 'smaller'], cells));
  return results;
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
