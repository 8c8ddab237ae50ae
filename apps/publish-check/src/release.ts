import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Manifest, root, workspacePackages } from '@espalier/config/workspace';
import { mustRun } from './run.js';
import { copyWorkspace } from './workspace-copy.js';

/** A package as it was published. */
export interface Published {
  readonly name: string;
  readonly version: string;
  /** The tarball's path, where the registry holds it. */
  readonly tarball: string;
}

/**
 * Releases the workspace as a maintainer does: `changeset version` gives versions and change logs, `changeset publish`
 * packs and publishes. All in a copy.
 *
 * @param folder - the registry's: the copy goes beside its storage
 * @param env - of a user of that registry
 */
export async function release(folder: string, env: NodeJS.ProcessEnv): Promise<readonly Published[]> {
  const copy = join(folder, 'workspace');
  await copyWorkspace(copy);
  const changeset = join(root, 'node_modules/@changesets/cli/bin.js');
  // The workspace's pnpm, whatever the machine has.
  const PATH = [join(root, 'node_modules/.bin'), env['PATH']].join(delimiter);
  const where = { cwd: copy, env: { ...env, PATH } };
  await mustRun('node', [changeset, 'version'], where);
  await mustRun('node', [changeset, 'publish', '--no-git-tag'], where);
  return workspacePackages()
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ folder: home }) => {
      const { name, version } = JSON.parse(
        readFileSync(join(copy, home, 'package.json'), 'utf8'),
      ) as Manifest;
      return { name, version, tarball: publishedTarball(folder, name, version) };
    });
}

/** Where the registry holds what was published. */
export function publishedTarball(folder: string, name: string, version: string): string {
  const tarball = join(folder, 'storage', name, `${name.split('/').at(-1)}-${version}.tgz`);
  if (!existsSync(tarball)) throw new Error(`The registry has no ${name}@${version}.`);
  return tarball;
}
