import type { Clause } from '../clause.js';
import { fingerprint, firstDifference, hashOfBytes } from '../fingerprint.js';
import { type FormatSubject, writeOrNull } from './subject.js';

/** Writing is looking; and the size that reports print is that of the file. */
export const leavesModelsAlone: Clause<FormatSubject> = {
  name: 'leaves-models-alone',
  promise: 'it writes a model without changing it, the same bytes each time, as many as it measures',
  fix: 'Work on a clone; let measure() count what write() makes, or leave it out.',
  breach({ format, models }) {
    for (const [name, model] of models) {
      const before = fingerprint(model);
      const bytes = writeOrNull(format, model);
      if (bytes === null) continue;
      const after = fingerprint(model);
      if (after !== before) return `write() changed the model "${name}": ${firstDifference(before, after)}`;
      if (hashOfBytes(format.write?.(model) ?? bytes) !== hashOfBytes(bytes))
        return `written twice, the model "${name}" gives other bytes`;
      const measured = format.measure?.(model) ?? bytes.length;
      if (measured !== bytes.length)
        return `it measures ${measured} bytes for the model "${name}" and writes ${bytes.length}`;
    }
    return null;
  },
};
