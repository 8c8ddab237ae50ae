#!/usr/bin/env node
/**
 * Bundles the benchmark from the workspace's sources and runs it: a change of a kernel or of the runtime
 * counts without a build of every package. Kernels need `node packages/kernels/bin/build-wasm.js`.
 */
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const folder = fileURLToPath(new URL('..', import.meta.url));
const outDir = path.join(folder, 'node_modules/.cache/bench');

await build({
  configFile: false,
  root: folder,
  logLevel: 'warn',
  ssr: { noExternal: [/^@espalier\//], resolve: { conditions: ['@espalier/source'] } },
  build: {
    ssr: path.join(folder, 'src/main.ts'),
    outDir,
    target: 'node20',
    minify: false,
    rollupOptions: { output: { format: 'es', entryFileNames: 'main.mjs' } },
  },
});

const { main } = await import(pathToFileURL(path.join(outDir, 'main.mjs')).href);
await main(process.argv.slice(2), {
  pageEntry: path.join(folder, 'src/hosts/page.ts'),
  results: path.join(folder, '../../docs/results/bench'),
});
