import type { Clause } from '../clause.js';
import { holdsWhereNothingChanged } from './holds-where-nothing-changed.js';
import type { InvariantSubject } from './subject.js';

/** What every invariant promises. */
export const invariantClauses: readonly Clause<InvariantSubject>[] = [holdsWhereNothingChanged];
