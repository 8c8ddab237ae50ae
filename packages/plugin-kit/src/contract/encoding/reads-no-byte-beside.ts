import { EspalierError, toBytes } from '@espalier/core';
import fc from 'fast-check';
import { type Clause, describeError } from '../clause.js';
import { hashOfBytes } from '../fingerprint.js';
import { damage } from './damage.js';
import { firstBreach } from './first-breach.js';
import { deserialise, type Serialised, serialise } from './round-trip.js';
import type { EncodingSubject } from './subject.js';

/**
 * Payloads are views of one file: what lies before and behind them is another tensor. So the same bytes are
 * decoded between zeros and between ones, whole and cut; what is seen of either must be the same.
 */
export const readsNoByteBeside: Clause<EncodingSubject> = {
  name: 'reads-no-byte-beside',
  promise: 'it reads no byte before or past those it is given',
  fix: 'Take views with byteOffset and length, never `payload.buffer` as a whole; stop where the bytes end.',
  breach: (subject) =>
    firstBreach(subject, [fc.nat(), fc.boolean()], (sample, at, cut) => {
      const whole = serialise(sample);
      const written = cut ? damage(whole, 2 * at + 1, 0, true) : whole;
      const seen = [0x00, 0xff].map((guard) => decoded(between(written, guard), subject));
      if (seen[0] === seen[1]) return null;
      return `${cut ? 'cut, it' : 'it'} decodes to other values when other bytes stand beside its own`;
    }),
};

/** The bytes of a tree, each part in the middle of a larger buffer. */
function between(written: Serialised, guard: number): Serialised {
  const guarded = (bytes: Uint8Array): Uint8Array => {
    const buffer = new Uint8Array(bytes.length + 65).fill(guard);
    buffer.set(bytes, 33);
    return buffer.subarray(33, 33 + bytes.length);
  };
  return {
    ...written,
    params: guarded(written.params),
    payload: guarded(written.payload),
    children: written.children.map(([slot, child]) => [slot, between(child, guard)]),
  };
}

function decoded(written: Serialised, { kinds }: EncodingSubject): string {
  try {
    return hashOfBytes(toBytes(deserialise(written, kinds).decode().data));
  } catch (error) {
    return error instanceof EspalierError ? error.code : describeError(error);
  }
}
