import type { Clause } from '../clause.js';
import { type FormatSubject, filesOf } from './subject.js';

/** What is no model, and what cut files look like. */
const others: readonly Uint8Array[] = [
  new Uint8Array(),
  new Uint8Array(1),
  new Uint8Array(64),
  new Uint8Array(64).fill(255),
  new TextEncoder().encode('This is no model, but text that somebody wrote.'),
];

/** A file is told by its bytes: a format that claims those of others hides them. */
export const tellsItsFiles: Clause<FormatSubject> = {
  name: 'tells-its-files',
  promise: 'it tells its own files from others by their bytes',
  fix: 'Let detect() compare magic bytes or structure, check the length first, and throw nothing.',
  breach(subject) {
    const { format } = subject;
    if (!/^[a-z0-9][a-z0-9-]*$/.test(format.name)) return `its name is "${format.name}"`;
    const extension = format.extensions.find((one) => !/^\.[a-z0-9.]+$/.test(one));
    if (extension !== undefined) return `its extension "${extension}" is no dot and lower case`;
    const missed = filesOf(subject).find(([, bytes]) => !format.detect(bytes));
    if (missed !== undefined) return `it does not know its own file (${missed[0]})`;
    const claimed = others.find((bytes) => format.detect(bytes));
    if (claimed !== undefined) return `it claims ${claimed.length} bytes that are no model`;
    for (const [name, bytes] of filesOf(subject))
      for (let length = 0; length < Math.min(64, bytes.length); length++) {
        try {
          format.detect(bytes.slice(0, length));
        } catch {
          return `detect() throws for the first ${length} bytes of a file (${name})`;
        }
      }
    return null;
  },
};
