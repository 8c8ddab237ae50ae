import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, join, relative, sep } from 'node:path';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** A package as it lies in node_modules. */
interface Installed {
  readonly folder: string;
  readonly manifest: { readonly name: string; readonly version: string };
}

/**
 * The packages of others that the workspace has installed, by name, in every version that is there.
 *
 * @param store - pnpm's folder: `node_modules/.pnpm`
 */
export function installedPackages(store: string): ReadonlyMap<string, readonly Installed[]> {
  const found = new Map<string, Map<string, Installed>>();
  for (const entry of readdirSync(store)) {
    for (const folder of packageFolders(join(store, entry, 'node_modules'))) {
      const manifest = JSON.parse(
        readFileSync(join(folder, 'package.json'), 'utf8'),
      ) as Installed['manifest'];
      const versions = found.get(manifest.name) ?? new Map<string, Installed>();
      found.set(manifest.name, versions.set(manifest.version, { folder, manifest }));
    }
  }
  return new Map([...found].map(([name, versions]) => [name, [...versions.values()].sort(byVersion)]));
}

/** The real folders in a node_modules: links lead to what another entry of the store has. */
function packageFolders(modules: string): readonly string[] {
  if (!existsSync(modules)) return [];
  const inside = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name));
  return inside(modules)
    .flatMap((path) => (basename(path).startsWith('@') ? inside(path) : [path]))
    .filter((path) => lstatSync(path).isDirectory() && existsSync(join(path, 'package.json')));
}

function byVersion(a: Installed, b: Installed): number {
  return a.manifest.version.localeCompare(b.manifest.version, 'en', { numeric: true });
}

/**
 * Answers as an npm registry does that has just those packages. So what ours depend on comes from the versions that
 * the workspace is tested with, and the test needs no network.
 */
export function serveInstalled(
  packages: ReadonlyMap<string, readonly Installed[]>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const [name = '', version] = decodeURIComponent((request.url ?? '/').slice(1)).split('/-/');
    const versions = packages.get(name);
    const wanted = versions?.find(({ manifest }) => version === `${manifest.version}.tgz`);
    if (versions !== undefined && version === undefined) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(packument(name, versions, `http://${request.headers.host}`)));
    } else if (wanted !== undefined) {
      response.setHeader('content-type', 'application/octet-stream');
      tarball(wanted.folder).pipe(response);
    } else {
      response.statusCode = 404;
      response.end('{"error":"not found"}');
    }
  };
}

/** What a registry tells of a package. */
function packument(name: string, versions: readonly Installed[], host: string): unknown {
  const entries = versions.map(({ manifest }) => {
    const tarballUrl = `${host}/${name}/-/${manifest.version}.tgz`;
    return [manifest.version, { ...manifest, dist: { tarball: tarballUrl } }] as const;
  });
  return { name, 'dist-tags': { latest: entries.at(-1)?.[0] }, versions: Object.fromEntries(entries) };
}

/** Of files alone: pnpm links equal files to each other, which npm would leave out. */
function tarball(folder: string): NodeJS.ReadableStream {
  const archive = pack();
  for (const file of filesBelow(folder)) {
    const name = `package/${relative(folder, file).replaceAll(sep, '/')}`;
    const { mode } = statSync(file);
    archive.entry({ name, mode, mtime: new Date(0) }, readFileSync(file));
  }
  archive.finalize();
  // Not compressed: it is read on the same machine.
  return archive.pipe(createGzip({ level: 0 }));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}
