import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

/** The folder of an installed package; null where it is not installed. */
export function packageFolder(name: string): string | null {
  let main: string;
  try {
    main = require.resolve(name);
  } catch {
    return null;
  }
  // Not every package exports its package.json.
  let folder = path.dirname(main);
  while (!folder.endsWith(path.normalize(name))) folder = path.dirname(folder);
  return folder;
}

/** The version of an installed package; null where it is not installed. */
export function packageVersion(name: string): string | null {
  const folder = packageFolder(name);
  if (folder === null) return null;
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
