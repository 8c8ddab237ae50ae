import { DataError, FormatError, type TensorData } from '@espalier/core';
import { readSource } from './byte-source.js';
import { openArrays } from './open-arrays.js';
import type { Rows } from './rows.js';

/**
 * Class numbers from a `.npy`, `.npz` (its only array, or the one called `labels` or `y`), IDX or text file.
 *
 * @throws {DataError} when they are no list of natural numbers
 */
export async function readLabels(path: string): Promise<Int32Array> {
  const opened = await openArrays(path);
  if (opened.kind === 'text') {
    const text = new TextDecoder().decode(await readSource(opened.source));
    await opened.source.close();
    return parseLabels(text, path);
  }
  const { arrays } = opened;
  const rows =
    arrays.get('labels') ?? arrays.get('y') ?? (arrays.size === 1 ? [...arrays.values()][0] : undefined);
  if (rows === undefined) {
    throw new DataError({
      what: `"${path}" holds the arrays ${[...arrays.keys()].join(', ')}, none of them called "labels".`,
      fix: 'Name a file with the labels alone.',
    });
  }
  try {
    return await labelsOf(rows, path);
  } finally {
    await rows.close();
  }
}

async function labelsOf(rows: Rows, path: string): Promise<Int32Array> {
  const [count = 0, ...rest] = rows.dims;
  if (rest.some((dim) => dim !== 1)) {
    throw new DataError({
      what: `Labels "${path}" have shape [${rows.dims.join(', ')}]; wanted is one class number a sample, [N].`,
      fix: 'Save argmax over the classes where they are one-hot.',
    });
  }
  return classNumbers(await rows.read(0, count), path);
}

/** One class number a line, alone or after a file name; empty lines and lines from `#` are skipped. */
export function parseLabels(text: string, name: string): Int32Array {
  const labels: number[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const number = /(?:^|[\s,;])(\d{1,9})$/.exec(line)?.[1];
    if (number === undefined) {
      throw new FormatError({
        what: `"${name}" has no class number in "${line.slice(0, 60)}".`,
        where: `line ${i + 1}`,
        fix: 'Write one natural number a line, in the order of the samples.',
      });
    }
    labels.push(Number(number));
  }
  return Int32Array.from(labels);
}

function classNumbers(values: TensorData, name: string): Int32Array {
  const labels = new Int32Array(values.length);
  for (let i = 0; i < labels.length; i++) {
    const label = Number(values[i]);
    if (!Number.isInteger(label) || label < 0 || label >= 2 ** 31) {
      throw new DataError({
        what: `Label ${i} of "${name}" is ${label}.`,
        fix: 'Labels are class numbers: 0, 1, 2, ...',
      });
    }
    labels[i] = label;
  }
  return labels;
}
