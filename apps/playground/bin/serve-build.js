import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const built = fileURLToPath(new URL('../dist/', import.meta.url));

/**
 * Serves the built page on a port of this machine, below a folder as in the documentation.
 *
 * @param {Readonly<Record<string, string>>} headers - on each answer
 * @returns {Promise<import('./serve-build.js').Served>}
 */
export async function serveBuild(headers = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0]));
    const name = path.replace(/^\/playground\//, '') || 'index.html';
    const bytes = path.startsWith('/playground/')
      ? await readFile(join(built, name)).catch(() => null)
      : null;
    if (bytes === null) return response.writeHead(404).end();
    const type = types[extname(name)] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, ...headers }).end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/playground/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
