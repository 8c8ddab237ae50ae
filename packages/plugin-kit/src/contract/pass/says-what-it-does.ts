import { optionEntries } from '@espalier/core';
import type { Clause } from '../clause.js';
import type { PassSubject } from './job.js';

/** What `espalier plugins`, the playground's form and a schema show. */
export const saysWhatItDoes: Clause<PassSubject> = {
  name: 'says-what-it-does',
  promise: 'it has a name, and says what it and its options do',
  fix: 'Name it in lower case with hyphens, and write a sentence in `about` of the pass and of each option.',
  breach({ plugin, makePass }) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(plugin.id)) return `its id is "${plugin.id}"`;
    if (makePass().name !== plugin.id) return `its pass is named "${makePass().name}"`;
    if (plugin(undefined).pass !== plugin.id) return `its step is for "${plugin(undefined).pass}"`;
    if (typeof plugin.about !== 'string' || plugin.about.length < 10) return `it says "${plugin.about}"`;
    const silent = optionEntries(plugin.options).find(([, { about }]) => about === '');
    return silent === undefined ? null : `its option "${silent[0]}" does not say what it is for`;
  },
};
