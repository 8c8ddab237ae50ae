import type { Clause } from '../clause.js';
import { byteLengthIsExact } from './byte-length-is-exact.js';
import { comesBackFromAnyNesting } from './comes-back-from-any-nesting.js';
import { comesBackFromItsBytes } from './comes-back-from-its-bytes.js';
import { decodesToWhatItSays } from './decodes-to-what-it-says.js';
import { hasSamples } from './has-samples.js';
import { readsNoByteBeside } from './reads-no-byte-beside.js';
import { refusesDamage } from './refuses-damage.js';
import type { EncodingSubject } from './subject.js';

/** What every kind of encoding promises. */
export const encodingClauses: readonly Clause<EncodingSubject>[] = [
  hasSamples,
  comesBackFromItsBytes,
  comesBackFromAnyNesting,
  byteLengthIsExact,
  decodesToWhatItSays,
  refusesDamage,
  readsNoByteBeside,
];
