import type { Calibrator } from '@espalier/core';
import type { Clause } from '../clause.js';
import { batchesDoNotMatter } from './batches-do-not-matter.js';
import { memoryIsBounded } from './memory-is-bounded.js';
import { observersShareNothing } from './observers-share-nothing.js';
import { rangesAreSound } from './ranges-are-sound.js';

/** What every calibrator promises. */
export const calibratorClauses: readonly Clause<Calibrator>[] = [
  rangesAreSound,
  observersShareNothing,
  batchesDoNotMatter,
  memoryIsBounded,
];
