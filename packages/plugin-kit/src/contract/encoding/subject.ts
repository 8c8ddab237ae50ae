import { coreEncodings, type Encoding, type EncodingKind } from '@espalier/core';
import type fc from 'fast-check';
import type { Leaf } from './nestings.js';

/** A kind of encoding, and encodings of it to try. */
export interface EncodingSubject {
  readonly kind: EncodingKind;
  /** All kinds that a file may have: this one, those beside it, core's. */
  readonly kinds: readonly EncodingKind[];
  readonly leaves: readonly Leaf[];
  /** Encodings of the kind; null where there are none. */
  samples(): Promise<fc.Arbitrary<Encoding> | null>;
}

/** The kinds that a reader knows with these installed. */
export function kindsWith(kinds: readonly EncodingKind[]): readonly EncodingKind[] {
  const named = new Map([...coreEncodings, ...kinds].map((kind) => [kind.kind, kind]));
  return [...named.values()];
}
