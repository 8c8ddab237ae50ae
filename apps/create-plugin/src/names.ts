import { basename } from 'node:path';
import { Failure } from './failure.js';
import { takenIds } from './taken-ids.js';

/** The names of a plugin, all made of the one that the user gave. */
export interface Names {
  /** Where the package is written: what was given, as a path; without the scope. */
  readonly folder: string;
  /** On npm: `espalier-plugin-my-idea`, `@me/espalier-plugin-my-idea`. */
  readonly packageName: string;
  /** In recipes and files: `my-idea`. */
  readonly id: string;
  /** In code: `myIdea`, `MyIdea`, `MY_IDEA`. */
  readonly camel: string;
  readonly pascal: string;
  readonly constant: string;
  /** In prose: `my idea`. */
  readonly words: string;
}

const prefix = 'espalier-plugin-';
const scopePattern = /^(@[a-z0-9][a-z0-9._-]*)\/(.+)$/;
const idPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Leaves room for the prefix in the 214 characters of npm, and on a line. */
const longestId = 60;

/**
 * Names for what the user typed: `my-idea`, `espalier-plugin-my-idea`, `@me/my-idea`, `path/to/my-idea`.
 *
 * @throws {Failure} when npm would not take the name, or Espalier has something of that name
 */
export function namesFor(given: string): Names {
  const text = given.trim().replace(/[\\/]+$/, '');
  const [, scope = '', rest = text] = scopePattern.exec(text) ?? [];
  const last = basename(rest);
  const id = last.startsWith(prefix) ? last.slice(prefix.length) : last;
  if (!idPattern.test(id) || id.length > longestId) {
    throw new Failure(
      `"${given}" makes no package name.`,
      `Use small letters, digits and single hyphens, a letter first, ${longestId} characters at most: my-idea.`,
    );
  }
  if (takenIds.includes(id)) {
    throw new Failure(
      `Espalier has something named "${id}" of its own; a plugin of that name could not be installed beside it.`,
      'Choose another name.',
    );
  }
  const parts = id.split('-');
  const pascal = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  return {
    folder: rest,
    packageName: `${scope === '' ? '' : `${scope}/`}${prefix}${id}`,
    id,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    constant: parts.join('_').toUpperCase(),
    words: parts.join(' '),
  };
}
