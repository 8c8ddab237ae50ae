import { existsSync } from 'node:fs';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type Manifest, root, workspacePackages } from '@espalier/config/workspace';

const rootFiles = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', 'LICENSE', '.changeset'];

/**
 * Copies what publishing reads of the workspace: manifests, change notes, READMEs and what is built. Releasing edits
 * versions and change logs, which are not the repository's to change in a test.
 */
export async function copyWorkspace(folder: string): Promise<void> {
  const packages = workspacePackages();
  await mkdir(folder, { recursive: true });
  await Promise.all(rootFiles.map((name) => cp(join(root, name), join(folder, name), { recursive: true })));
  const folderOf = new Map(packages.map((entry) => [entry.manifest.name, entry.folder]));
  for (const { folder: home, manifest } of packages) {
    await copyPackage(join(root, home), join(folder, home), manifest);
    await linkWorkspace(join(folder, home), manifest, (name) => {
      const target = folderOf.get(name);
      return target === undefined ? null : join(folder, target);
    });
  }
  await writeFile(join(folder, '.gitignore'), 'node_modules\n');
}

async function copyPackage(from: string, to: string, { files = [] }: Manifest): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', ...files]) {
    if (existsSync(join(from, name))) await cp(join(from, name), join(to, name), { recursive: true });
  }
}

/** pnpm reads the versions of `workspace:` dependencies through node_modules. */
async function linkWorkspace(
  home: string,
  manifest: Manifest,
  folderOf: (name: string) => string | null,
): Promise<void> {
  const listed = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies };
  for (const name of Object.keys(listed)) {
    const target = folderOf(name);
    if (target === null) continue;
    const link = join(home, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), target), link, 'dir');
  }
}
