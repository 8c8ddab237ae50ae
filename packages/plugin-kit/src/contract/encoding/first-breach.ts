import { describeEncoding, type Encoding } from '@espalier/core';
import fc from 'fast-check';
import { describeError } from '../clause.js';
import type { EncodingSubject } from './subject.js';

/** What is wrong with the smallest sample that something is wrong with; null where all are well. */
export async function firstBreach<T extends unknown[]>(
  subject: EncodingSubject,
  more: readonly [...{ [K in keyof T]: fc.Arbitrary<T[K]> }],
  breach: (sample: Encoding, ...more: T) => string | null,
  numRuns = 100,
): Promise<string | null> {
  const samples = await subject.samples();
  // That there are none is said once, by the clause for it.
  if (samples === null) return null;
  const found = (sample: Encoding, drawn: T): string | null => {
    try {
      return breach(sample, ...drawn);
    } catch (error) {
      return `it threw ${describeError(error)}`;
    }
  };
  const drawn = fc.tuple(samples, fc.tuple(...more) as unknown as fc.Arbitrary<T>);
  const run = fc.check(
    fc.property(drawn, ([sample, rest]) => found(sample, rest) === null),
    { numRuns },
  );
  if (run.counterexample === null) return null;
  const [sample, rest] = run.counterexample[0];
  const { type, dims } = sample;
  return `${found(sample, rest)} (${describeEncoding(sample)} of ${type}[${dims.join(', ')}])`;
}
