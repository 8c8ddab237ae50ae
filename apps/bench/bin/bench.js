#!/usr/bin/env node
/**
 * Bundles the benchmark from the workspace's sources and runs it: a change of a kernel or of the runtime
 * counts without a build of every package. Kernels are compiled where their sources are newer.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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

/** When the newest file of a folder was changed, in milliseconds; 0 where there is none. */
function newest(folder) {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Math.max(0, ...files.map((file) => statSync(path.join(file.parentPath, file.name)).mtimeMs));
}

function compileKernels() {
  const kernels = path.join(root, 'packages/kernels');
  if (newest(path.join(kernels, 'src/gen')) > newest(path.join(kernels, 'assembly'))) return;
  execFileSync(process.execPath, [path.join(kernels, 'bin/build-wasm.js')], { stdio: 'inherit' });
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

compileKernels();
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
