import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace root. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Every package of the workspace: its folder (relative, with slashes) and its package.json. */
export function workspacePackages() {
  const folders = ['packages', 'plugins', 'apps'].flatMap((group) =>
    fs
      .readdirSync(path.join(root, group))
      .sort()
      .map((name) => `${group}/${name}`),
  );
  return [...folders, 'docs']
    .filter((folder) => fs.existsSync(path.join(root, folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readJson(path.join(root, folder, 'package.json')) }));
}

export function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** All files below a folder, relative to the root. */
export function* filesBelow(folder) {
  const full = path.join(root, folder);
  if (!fs.existsSync(full)) return;
  for (const entry of fs.readdirSync(full, { withFileTypes: true })) {
    const child = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(child);
    else yield child;
  }
}
