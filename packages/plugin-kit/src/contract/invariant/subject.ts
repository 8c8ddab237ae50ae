import type { Invariant, Model } from '@espalier/core';

/** An invariant, and models to look at. */
export interface InvariantSubject {
  readonly invariant: Invariant;
  readonly models: readonly (readonly [name: string, model: Model])[];
}
