import { cpSync, existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import type { Plugin } from 'vitepress';
import { root } from './repository.js';

/** Where its own package builds it; links in it are relative, so it may stand in any folder. */
const built: string = join(root, 'apps/playground/dist');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** How the site serves the playground. */
export interface Playground {
  /** For the development server: answers below `/playground/` from the last build. */
  serve(): Plugin;
  /** For the static site. */
  copyTo(folder: string): void;
}

export const playground: Playground = {
  serve: () => ({
    name: 'espalier-playground',
    configureServer(server) {
      server.middlewares.use(`${server.config.base}playground/`, (request, response, next) => {
        const { pathname } = new URL(request.url ?? '/', 'http://site');
        const file = join(built, normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
        if (!existsSync(file) || !statSync(file).isFile()) return next();
        // As a server of the site should: with these a page may share memory between threads.
        response.setHeader('cross-origin-opener-policy', 'same-origin');
        response.setHeader('cross-origin-embedder-policy', 'require-corp');
        response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
        response.end(readFileSync(file));
      });
    },
  }),
  copyTo(folder) {
    if (!existsSync(built)) throw new Error(`${built} is missing: "npm run docs:build" builds it first`);
    cpSync(built, folder, { recursive: true });
  },
};
