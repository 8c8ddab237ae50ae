import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kind } from './kinds.js';
import type { Names } from './names.js';

const folder = fileURLToPath(new URL('../templates/', import.meta.url));

/** Files that npm leaves out of a package, and that tools would heed in ours, by the names that they have here. */
const renamed: Readonly<Record<string, string>> = { _gitignore: '.gitignore', '_biome.json': 'biome.json' };

/** The files of a new package by path, with slashes: those that all have, and those of its kind. */
export function templateFiles(kind: Kind, names: Names): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const root of [join(folder, 'common'), join(folder, kind)]) {
    for (const file of filesBelow(root)) {
      const path = relative(root, file).replaceAll(sep, '/');
      files.set(withNames(renamed[path] ?? path, names), withNames(readFileSync(file, 'utf8'), names));
    }
  }
  return files;
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const child = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(child) : [child];
  });
}

/** Templates are packages by the name of `my-idea`, so that they can be compiled and tested as they are. */
export function withNames(text: string, names: Names): string {
  return text
    .replaceAll('espalier-plugin-my-idea', names.packageName)
    .replaceAll('MY_IDEA', names.constant)
    .replaceAll('MyIdea', names.pascal)
    .replaceAll('myIdea', names.camel)
    .replaceAll('my-idea', names.id)
    .replaceAll('my idea', names.words);
}
