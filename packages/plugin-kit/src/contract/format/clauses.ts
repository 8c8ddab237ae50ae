import type { Clause } from '../clause.js';
import { hasFiles } from './has-files.js';
import { leavesModelsAlone } from './leaves-models-alone.js';
import { refusesDamagedFiles } from './refuses-damaged-files.js';
import type { FormatSubject } from './subject.js';
import { tellsItsFiles } from './tells-its-files.js';
import { writesWhatItRead } from './writes-what-it-read.js';

/** What every format promises. */
export const formatClauses: readonly Clause<FormatSubject>[] = [
  hasFiles,
  tellsItsFiles,
  writesWhatItRead,
  leavesModelsAlone,
  refusesDamagedFiles,
];
