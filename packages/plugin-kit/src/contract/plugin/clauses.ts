import type { Clause } from '../clause.js';
import { registersEachNameOnce } from './registers-each-name-once.js';
import { registersTheSameEachTime } from './registers-the-same-each-time.js';
import { speaksThisApi } from './speaks-this-api.js';
import type { PluginSubject } from './subject.js';

/** What every plugin promises. */
export const pluginClauses: readonly Clause<PluginSubject>[] = [
  speaksThisApi,
  registersEachNameOnce,
  registersTheSameEachTime,
];
