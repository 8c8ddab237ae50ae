import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';
import { digitFiles, type PageFile } from './digit-files.js';

const models = new URL('../../reproduce/models/', import.meta.url);

/** What the page fetches beside its scripts: the network it opens with, and digits. Built, not committed. */
async function pageFiles(): Promise<readonly PageFile[]> {
  const lenet = await readFile(new URL('lenet-300-100.onnx', models));
  return [{ path: 'models/lenet-300-100.onnx', bytes: lenet }, ...(await digitFiles())];
}

/** Serves the page's files while it is worked on, and puts them into the build. */
export function servePageFiles(): Plugin {
  return {
    name: 'page-files',
    async configureServer(server) {
      const files = new Map((await pageFiles()).map(({ path, bytes }) => [`/${path}`, bytes]));
      server.middlewares.use((request, response, next) => {
        const bytes = files.get(request.url?.split('?')[0] ?? '');
        if (bytes === undefined) next();
        else response.setHeader('Content-Type', 'application/octet-stream').end(bytes);
      });
    },
    async generateBundle() {
      if (this.environment.name !== 'client') return;
      for (const { path, bytes } of await pageFiles())
        this.emitFile({ type: 'asset', fileName: path, source: bytes });
    },
  };
}
