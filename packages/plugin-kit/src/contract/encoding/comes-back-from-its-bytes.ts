import type { Encoding, EncodingKind } from '@espalier/core';
import { toBytes } from '@espalier/core';
import type { Clause } from '../clause.js';
import { hashOfBytes, hashOfEncoding } from '../fingerprint.js';
import { firstBreach } from './first-breach.js';
import { deserialise, serialise } from './round-trip.js';
import type { EncodingSubject } from './subject.js';

/** Bytes, not numbers: -0 and the NaNs count. Written again it gives the same bytes. */
export const comesBackFromItsBytes: Clause<EncodingSubject> = {
  name: 'comes-back-from-its-bytes',
  promise: 'it comes back from its bytes bit for bit',
  fix: 'Write all that read() needs into params and payload, and read it without counting on alignment.',
  breach: (subject) => firstBreach(subject, [], (sample) => roundTripBreach(sample, subject.kinds)),
};

/** What is lost of a tree on its way through its bytes. */
export function roundTripBreach(encoding: Encoding, kinds: readonly EncodingKind[]): string | null {
  const back = deserialise(serialise(encoding), kinds);
  const [was, now] = [encoding.decode(), back.decode()];
  if (now.type !== was.type || now.dims.join() !== was.dims.join())
    return `${was.type}[${was.dims.join(', ')}] came back as ${now.type}[${now.dims.join(', ')}]`;
  if (hashOfBytes(toBytes(now.data)) !== hashOfBytes(toBytes(was.data)))
    return 'what it decodes to is not what it was made of';
  if (hashOfEncoding(back) !== hashOfEncoding(encoding)) return 'written again it gives other bytes';
  return null;
}
