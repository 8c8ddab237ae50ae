import type { Clause } from '../clause.js';
import { roundTripBreach } from './comes-back-from-its-bytes.js';
import { firstBreach } from './first-breach.js';
import { leafVariants, wrappings } from './nestings.js';
import type { EncodingSubject } from './subject.js';

/** A weight is a tree: every kind is at home in every slot of its type, under and over others. */
export const comesBackFromAnyNesting: Clause<EncodingSubject> = {
  name: 'comes-back-from-any-nesting',
  promise: 'it comes back bit for bit from any nesting with other kinds',
  fix: 'Ask for children by slot, type and shape with source.child(), and decode what they give.',
  breach: (subject) =>
    firstBreach(
      subject,
      [],
      (sample) => {
        for (const variant of leafVariants(sample, subject.leaves)) {
          for (const inner of [variant, ...wrappings(variant)]) {
            for (const outer of [inner, ...wrappings(inner)]) {
              const found = roundTripBreach(outer, subject.kinds);
              if (found !== null) return found;
            }
          }
        }
        return null;
      },
      40,
    ),
};
