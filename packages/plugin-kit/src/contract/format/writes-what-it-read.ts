import { verify } from '@espalier/core';
import type { Clause } from '../clause.js';
import { hashOfBytes } from '../fingerprint.js';
import { type FormatSubject, filesOf, writeOrNull } from './subject.js';

/** Files don't drift by being opened and saved. */
export const writesWhatItRead: Clause<FormatSubject> = {
  name: 'writes-what-it-read',
  promise: 'what it reads is a sound model, and written, read and written again the bytes are the same',
  fix: 'Write entries in an order that does not depend on how the model came to be, and read back all that is written.',
  async breach(subject) {
    const { format } = subject;
    for (const [name, bytes] of filesOf(subject)) {
      const model = await format.read(bytes);
      verify(model);
      if (format.write === undefined) continue;
      const once = writeOrNull(format, model);
      if (once === null) continue;
      const twice = writeOrNull(format, await format.read(once));
      if (twice === null || hashOfBytes(twice) !== hashOfBytes(once))
        return `read and written again, ${once.length} bytes became ${twice?.length ?? 0} others (${name})`;
    }
    return null;
  },
};
