import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from './failure.js';
import type { Kind } from './kinds.js';
import { manifestFor } from './manifest.js';
import { type Names, namesFor } from './names.js';
import { templateFiles } from './template.js';

/** A package that was written. */
export interface Created {
  readonly names: Names;
  /** Absolute. */
  readonly folder: string;
}

/**
 * Writes a new plugin package: whole, or not at all.
 *
 * @param given - the name, or a path that ends in it
 * @param cwd - what paths are relative to
 * @throws {Failure} when the name is none for npm, or the folder holds something
 */
export function createPlugin(given: string, kind: Kind, cwd: string): Created {
  const names = namesFor(given);
  const folder = resolve(cwd, names.folder);
  checkFree(folder);
  const files = new Map([['package.json', manifestFor(kind, names)], ...templateFiles(kind, names)]);
  mkdirSync(dirname(folder), { recursive: true });
  // Beside the folder, so that moving it there is one step.
  const staged = mkdtempSync(join(dirname(folder), `.${names.id}-`));
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(staged, path)), { recursive: true });
      writeFileSync(join(staged, path), text);
    }
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(staged, folder);
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    throw error;
  }
  return { names, folder };
}

/** @throws {Failure} where something is there already; an empty folder is as good as none */
function checkFree(folder: string): void {
  if (!existsSync(folder)) return;
  if (statSync(folder).isDirectory() && readdirSync(folder).length === 0) return;
  throw new Failure(`${folder} exists, and is no empty folder.`, 'Choose another name, or move it away.');
}
