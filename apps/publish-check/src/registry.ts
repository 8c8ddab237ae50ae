import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';
import { installedPackages, serveInstalled } from './installed-packages.js';

/** Names that are published here, and that no other registry is asked for. */
const ours = ['@espalier/*', 'espalier', 'create-espalier-plugin', 'espalier-plugin-*'];

export interface Registry {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Verdaccio on loopback, on a free port. Anybody may publish. Packages of others it has from those that the workspace
 * has installed; nothing is asked of a registry elsewhere.
 *
 * @param folder - empty: what is published goes there
 * @param workspace - the root of the workspace
 */
export async function startRegistry(folder: string, workspace: string): Promise<Registry> {
  const installed = createServer(serveInstalled(installedPackages(join(workspace, 'node_modules/.pnpm'))));
  const uplink = await listen(installed);
  const anybody = { access: '$all', publish: '$all', unpublish: '$all' };
  const verdaccio: Server = await runServer({
    self_path: join(folder, 'config.yaml'),
    storage: join(folder, 'storage'),
    uplinks: { installed: { url: uplink, maxage: '1h', timeout: '60s' } },
    packages: {
      ...Object.fromEntries(ours.map((name) => [name, anybody])),
      '**': { ...anybody, proxy: 'installed' },
    },
    auth: { htpasswd: { file: join(folder, 'htpasswd'), max_users: -1 } },
    log: { type: 'stdout', format: 'pretty', level: 'error' },
    web: { enable: false },
    // biome-ignore lint/suspicious/noExplicitAny: its types want every setting; it has defaults for the others.
  } as any);
  const url = `${await listen(verdaccio)}/`;
  return {
    url,
    async close() {
      await Promise.all([verdaccio, installed].map(stop));
    },
  };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`); // listens on a port, not on a pipe
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
