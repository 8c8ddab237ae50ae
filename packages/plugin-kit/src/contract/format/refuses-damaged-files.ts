import { createRandom, EspalierError } from '@espalier/core';
import { type Clause, describeError } from '../clause.js';
import { type FormatSubject, filesOf, readOrError } from './subject.js';

/** Cuts and flips that are tried on each file. */
const tries = 60;

/** A cut file is refused wherever it was cut, a changed one refused or read as a sound model. */
export const refusesDamagedFiles: Clause<FormatSubject> = {
  name: 'refuses-damaged-files',
  promise: 'cut files are refused, and changed ones refused or read as sound models: by an EspalierError',
  fix: 'Compare every count with the bytes that are left, and the end of the file with what the header says.',
  async breach(subject) {
    for (const [name, bytes] of filesOf(subject)) {
      const found = (await cut(subject, bytes)) ?? (await flipped(subject, bytes));
      if (found !== null) return `${found} (${name})`;
    }
    return null;
  },
};

async function cut({ format }: FormatSubject, bytes: Uint8Array): Promise<string | null> {
  const step = Math.max(1, Math.floor(bytes.length / tries));
  for (let length = bytes.length - 1; length > 0; length -= step) {
    try {
      const read = await readOrError(format, bytes.slice(0, length));
      if (!(read instanceof EspalierError))
        return `it read a model from the first ${length} of ${bytes.length} bytes`;
    } catch (error) {
      return `of the first ${length} bytes it threw ${describeError(error)}`;
    }
  }
  return null;
}

async function flipped({ format }: FormatSubject, bytes: Uint8Array): Promise<string | null> {
  const random = createRandom('flips');
  for (let i = 0; i < tries; i++) {
    const at = random.below(bytes.length);
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8));
    try {
      // Where bytes are weights, another bit is another weight: a model that is read is no breach.
      await readOrError(format, damaged);
    } catch (error) {
      return `with byte ${at} changed it gave ${describeError(error)}`;
    }
  }
  return null;
}
