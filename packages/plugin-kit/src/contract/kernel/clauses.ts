import type { OperatorKernel } from '@espalier/core';
import type { Clause } from '../clause.js';
import { computesWhatItInfers } from './computes-what-it-infers.js';
import { isForeign } from './is-foreign.js';
import { leavesInputsAlone } from './leaves-inputs-alone.js';

/** What every kernel promises. */
export const kernelClauses: readonly Clause<OperatorKernel>[] = [
  isForeign,
  computesWhatItInfers,
  leavesInputsAlone,
];
