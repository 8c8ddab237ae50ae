import { sumBytes } from '@espalier/core';
import type { Clause } from '../clause.js';
import { firstBreach } from './first-breach.js';
import type { EncodingSubject } from './subject.js';

/** Passes choose by it and reports print it, before anything is written. */
export const byteLengthIsExact: Clause<EncodingSubject> = {
  name: 'byte-length-is-exact',
  promise: 'its byteLength is the bytes of its params, payload and children',
  fix: 'Count what params() and payload() give, or use sumBytes.',
  breach: (subject) =>
    firstBreach(subject, [], (sample) => {
      const bytes = sumBytes(sample);
      return sample.byteLength === bytes ? null : `it says ${sample.byteLength} bytes and has ${bytes}`;
    }),
};
