import type { Clause } from '../clause.js';
import { fingerprint } from '../fingerprint.js';
import type { InvariantSubject } from './subject.js';

/** It is asked after every pass, of any plugin. */
export const holdsWhereNothingChanged: Clause<InvariantSubject> = {
  name: 'holds-where-nothing-changed',
  promise: 'it finds nothing between a model and its clone, and changes neither',
  fix: 'Compare only what differs between the two models.',
  breach({ invariant, models }) {
    for (const [name, model] of models) {
      const before = fingerprint(model);
      const found = invariant.violation(model, model.clone());
      if (found !== null) return `nothing changed, and it says: ${found} (model "${name}")`;
      if (fingerprint(model) !== before) return `it changed the model "${name}"`;
    }
    return null;
  },
};
