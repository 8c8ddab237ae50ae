import { elementCount, toBytes } from '@espalier/core';
import type { Clause } from '../clause.js';
import { hashOfBytes } from '../fingerprint.js';
import { firstBreach } from './first-breach.js';
import type { EncodingSubject } from './subject.js';

/** Runtimes lay out memory by type and shape before they decode; twice decoded is the same. */
export const decodesToWhatItSays: Clause<EncodingSubject> = {
  name: 'decodes-to-what-it-says',
  promise: 'it decodes to the type and shape it says, and to the same each time',
  fix: 'Give decode() no state; let withChildren() give the same kind with the same parameters.',
  breach: (subject) =>
    firstBreach(subject, [], (sample) => {
      const tensor = sample.decode();
      const [said, got] = [sample, tensor].map(({ type, dims }) => `${type}[${dims.join(', ')}]`);
      if (said !== got) return `it says ${said} and decodes to ${got}`;
      if (tensor.data.length !== elementCount(tensor.dims))
        return `${got} has ${tensor.data.length} elements`;
      const first = hashOfBytes(toBytes(tensor.data));
      if (hashOfBytes(toBytes(sample.decode().data)) !== first) return 'decoded twice it gives two tensors';
      const again = sample.withChildren(sample.children).decode();
      return hashOfBytes(toBytes(again.data)) === first
        ? null
        : 'over its own children it decodes to another';
    }),
};
