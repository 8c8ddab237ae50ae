import { EspalierError, elementCount, walkEncoding } from '@espalier/core';
import fc from 'fast-check';
import { type Clause, describeError } from '../clause.js';
import { damage } from './damage.js';
import { firstBreach } from './first-breach.js';
import { deserialise, serialise } from './round-trip.js';
import type { EncodingSubject } from './subject.js';

/** A flipped bit or a cut end is an error with the file named, never a crash, a hang or a short tensor. */
export const refusesDamage: Clause<EncodingSubject> = {
  name: 'refuses-damage',
  promise: 'damaged bytes throw an EspalierError and nothing else',
  fix: 'Check counts against the bytes that are left before you use them; throw encodingError(source, …).',
  breach: (subject) =>
    firstBreach(subject, [fc.nat(), fc.nat({ max: 7 }), fc.boolean()], (sample, at, bit, cut) => {
      const bytes = damage(serialise(sample), at, bit, cut);
      try {
        for (const { encoding } of walkEncoding(deserialise(bytes, subject.kinds))) {
          const { data, dims } = encoding.decode();
          if (data.length !== elementCount(dims))
            return `of damaged bytes it made ${data.length} elements for the shape [${dims.join(', ')}]`;
        }
      } catch (error) {
        if (!(error instanceof EspalierError))
          return `of ${cut ? 'cut' : 'changed'} bytes it threw ${describeError(error)}`;
      }
      return null;
    }),
};
