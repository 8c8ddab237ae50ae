import type { Clause } from '../clause.js';
import { isAFile } from './is-a-file.js';
import type { RecipeSubject } from './subject.js';

/** What every recipe promises. */
export const recipeClauses: readonly Clause<RecipeSubject>[] = [isAFile];
