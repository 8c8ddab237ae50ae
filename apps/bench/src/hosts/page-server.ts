import { createReadStream, existsSync, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What makes a page cross-origin isolated: shared memory, and a clock of 5 microseconds. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export interface PageServer {
  readonly url: string;
  /** Bytes by path, to be added to while it runs. */
  readonly files: Map<string, Uint8Array | string>;
  close(): void;
}

/**
 * Serves files from memory, and folders of installed packages, to this machine only.
 *
 * @param folders - by the path that they are served under
 */
export async function servePage(folders: ReadonlyMap<string, string>): Promise<PageServer> {
  const files = new Map<string, Uint8Array | string>();
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = decodeURIComponent(pathname);
    const headers = {
      ...isolation,
      'Content-Type': mediaTypes[path.extname(name)] ?? 'application/octet-stream',
    };
    const inMemory = files.get(name);
    const onDisk = inMemory === undefined ? findFile(folders, name) : null;
    if (inMemory !== undefined) response.writeHead(200, headers).end(inMemory);
    else if (onDisk !== null) createReadStream(onDisk).pipe(response.writeHead(200, headers));
    else response.writeHead(404, isolation).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has one
  return {
    url: `http://127.0.0.1:${port}`,
    files,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function findFile(folders: ReadonlyMap<string, string>, name: string): string | null {
  for (const [prefix, folder] of folders) {
    if (!name.startsWith(prefix)) continue;
    const file = path.join(folder, name.slice(prefix.length));
    if (file.startsWith(folder) && existsSync(file) && statSync(file).isFile()) return file;
  }
  return null;
}
