import type { Clause } from '../clause.js';
import { type FormatSubject, filesOf } from './subject.js';

export const hasFiles: Clause<FormatSubject> = {
  name: 'has-files',
  promise: 'there are files of the format to try',
  fix: 'Pass `files: { "<format>": { "<name>": bytes } }`; a format that writes gets the models of the kit too.',
  breach: (subject) =>
    filesOf(subject).length > 0 ? null : 'it writes none of the models, and none were given',
};
