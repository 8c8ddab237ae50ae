import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../src/repository.js';

/** Documents whose blocks another test runs, and where that is. */
export const runElsewhere: Readonly<Record<string, string>> = {
  'docs/guide/write-a-pass.md': 'apps/publish-check',
  'docs/guide/publish-a-plugin.md': 'apps/publish-check',
  'apps/create-plugin/README.md': 'apps/publish-check',
};

const isRunHere = (file: string): boolean => runElsewhere[file] === undefined;

/** Guides, whose blocks are one session from the first to the last: `docs/guide/first-pipeline.md`. */
export const guides: readonly string[] = readdirSync(join(root, 'docs/guide'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/guide/${name}`)
  .filter(isRunHere);

/** READMEs of packages, plugins and apps. */
export const readmes: readonly string[] = ['packages', 'plugins', 'apps'].flatMap((group) =>
  readdirSync(join(root, group))
    .map((name) => `${group}/${name}/README.md`)
    .filter((file) => existsSync(join(root, file)) && isRunHere(file)),
);

/** All documents with code that a reader may copy. */
export const documents: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readmes,
  'docs/index.md',
  'docs/format.md',
  ...guides,
];
