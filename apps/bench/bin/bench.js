#!/usr/bin/env node
/**
 * Bundles the benchmark from the workspace's sources and runs it: a change of a kernel or of the runtime
 * counts without a build of every package. Kernels need `node packages/kernels/bin/build-wasm.js`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { compile } from '../../../packages/kernels/bin/build-wasm.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const root = path.join(folder, '../..');
const outDir = path.join(folder, 'node_modules/.cache/bench');

/** The version of the runtime, with the commit, and a mark for changes that are in no commit. */
function version() {
  const manifest = JSON.parse(readFileSync(path.join(root, 'packages/runtime/package.json'), 'utf8'));
  try {
    const git = (...args) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
    const dirty = git('status', '--porcelain', '--', 'packages', 'plugins') === '' ? '' : '.dirty';
    return `${manifest.version}+${git('rev-parse', '--short', 'HEAD')}${dirty}`;
  } catch {
    return manifest.version; // no repository
  }
}

/** The loops of packages/kernels/bench that show what the machine can do. */
async function peakBinaries() {
  const names = ['peaks', 'relaxedPeaks'];
  return new Map(
    await Promise.all(
      names.map(async (name) => [`${name}.wasm`, await compile(name).catch(() => new Uint8Array(0))]),
    ),
  );
}

await build({
  configFile: false,
  root: folder,
  logLevel: 'warn',
  ssr: { noExternal: [/^@espalier\//], resolve: { conditions: ['@espalier/source'] } },
  build: {
    ssr: true,
    outDir,
    target: 'node20',
    minify: false,
    rollupOptions: {
      input: {
        main: path.join(folder, 'src/main.ts'),
        'first-result': path.join(folder, 'src/measure/first-result.ts'),
      },
      output: { format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    },
  },
});

const { main } = await import(pathToFileURL(path.join(outDir, 'main.mjs')).href);
await main(process.argv.slice(2), {
  pageEntry: path.join(folder, 'src/hosts/page.ts'),
  firstResultEntry: path.join(outDir, 'first-result.mjs'),
  results: path.join(root, 'docs/results/bench'),
  version: version(),
  peaks: await peakBinaries(),
});
