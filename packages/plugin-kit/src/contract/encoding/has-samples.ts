import type { Clause } from '../clause.js';
import type { EncodingSubject } from './subject.js';

/** Where a pass of the plugin writes the kind, what it makes of the kit's models are samples. */
export const hasSamples: Clause<EncodingSubject> = {
  name: 'has-samples',
  promise: 'there are encodings of the kind to try',
  fix: 'Pass `encodings: { "<kind>": <a fast-check arbitrary> }`, of all types and shapes it holds, empty ones too.',
  async breach({ kind, samples }) {
    return (await samples()) === null ? `no pass of the plugin makes any "${kind.kind}"` : null;
  },
};
