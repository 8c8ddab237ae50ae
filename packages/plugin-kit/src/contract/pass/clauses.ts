import type { Clause } from '../clause.js';
import { costGrowsAsDeclared } from './cost-grows-as-declared.js';
import { establishesWhatItSays } from './establishes-what-it-says.js';
import { exactKeepsOutputs } from './exact-keeps-outputs.js';
import { hasWorkToDo } from './has-work-to-do.js';
import type { PassSubject } from './job.js';
import { leavesInputAlone } from './leaves-input-alone.js';
import { optionsRefuseNonsense } from './options-refuse-nonsense.js';
import { optionsSurviveJson } from './options-survive-json.js';
import { preservesWhatItSays } from './preserves-what-it-says.js';
import { refusesBeforeItChanges } from './refuses-before-it-changes.js';
import { resultCanBeStored } from './result-can-be-stored.js';
import { sameBytesTwice } from './same-bytes-twice.js';
import { saysWhatItDoes } from './says-what-it-does.js';
import { secondRunChangesNothing } from './second-run-changes-nothing.js';
import { stopsWhenCancelled } from './stops-when-cancelled.js';
import { tellsWhatItChanged } from './tells-what-it-changed.js';

/** What every pass promises. */
export const passClauses: readonly Clause<PassSubject>[] = [
  saysWhatItDoes,
  optionsSurviveJson,
  optionsRefuseNonsense,
  hasWorkToDo,
  leavesInputAlone,
  sameBytesTwice,
  resultCanBeStored,
  tellsWhatItChanged,
  secondRunChangesNothing,
  preservesWhatItSays,
  establishesWhatItSays,
  exactKeepsOutputs,
  refusesBeforeItChanges,
  stopsWhenCancelled,
  costGrowsAsDeclared,
];
