import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../src/repository.js';

/** Those that need a registry to install from: `apps/publish-check` runs them. */
const fromRegistry: readonly string[] = ['write-a-pass.md', 'publish-a-plugin.md'];

/** Guides, whose blocks are one session from the first to the last: `docs/guide/first-pipeline.md`. */
export const guides: readonly string[] = readdirSync(join(root, 'docs/guide'))
  .filter((name) => name.endsWith('.md') && !fromRegistry.includes(name))
  .map((name) => `docs/guide/${name}`);

/** READMEs of packages, plugins and apps. */
export const readmes: readonly string[] = ['packages', 'plugins', 'apps'].flatMap((group) =>
  readdirSync(join(root, group))
    .map((name) => `${group}/${name}/README.md`)
    .filter((file) => existsSync(join(root, file))),
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
