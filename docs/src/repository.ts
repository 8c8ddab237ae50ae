import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The folder of the whole repository. */
export const root: string = rootAbove(process.cwd());

/** The folder of the site: its settings, its pages and what is generated for it. */
export const docs: string = join(root, 'docs');

/** A package of the workspace that people outside it install. */
export interface PublicPackage {
  /** `@espalier/core` */
  readonly name: string;
  /** One sentence of its package.json. */
  readonly description: string;
  /** Relative to the repository: `packages/core`. */
  readonly folder: string;
  /** The last part of its folder, but `espalier` for the command: what its pages are called. */
  readonly page: string;
}

/** All of them, `espalier` first, then `packages`, then `plugins`. */
export function publicPackages(): readonly PublicPackage[] {
  return ['apps', 'packages', 'plugins'].flatMap((group) =>
    readdirSync(join(root, group))
      .sort()
      .filter((name) => existsSync(join(root, group, name, 'package.json')))
      .flatMap((name) => packageIn(`${group}/${name}`)),
  );
}

function packageIn(folder: string): readonly PublicPackage[] {
  const manifest = JSON.parse(readText(`${folder}/package.json`)) as {
    readonly name: string;
    readonly description?: string;
    readonly private?: boolean;
  };
  if (manifest.private === true) return [];
  const last = folder.slice(folder.indexOf('/') + 1);
  const page = last === 'cli' ? 'espalier' : last;
  return [{ name: manifest.name, description: manifest.description ?? '', folder, page }];
}

/** A text file of the repository, by its path from the root. */
export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function rootAbove(start: string): string {
  for (let at = resolve(start); ; at = dirname(at)) {
    if (existsSync(join(at, 'pnpm-workspace.yaml'))) return at;
    if (at === dirname(at)) throw new Error(`${start} is not inside the repository`);
  }
}
