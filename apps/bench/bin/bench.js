#!/usr/bin/env node
/**
 * Bundles the benchmark from the workspace's sources and runs it: a change of a kernel or of the runtime
 * counts without a build of every package. Kernels are compiled where their sources are newer.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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

/** All files below a folder. */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

/** When the newest file of a folder was changed, in milliseconds; 0 where there is none. */
function newest(folder) {
  return Math.max(0, ...filesIn(folder).map((file) => statSync(file).mtimeMs));
}

function compileKernels() {
  const kernels = path.join(root, 'packages/kernels');
  if (newest(path.join(kernels, 'src/gen')) > newest(path.join(kernels, 'assembly'))) return;
  execFileSync(process.execPath, [path.join(kernels, 'bin/build-wasm.js')], { stdio: 'inherit' });
}

/** What makes models and their answers. Not the runtime: another one calibrates to the same bytes. */
const modelSources = [
  'packages/core/src',
  'packages/container/src',
  'plugins/quantize/src',
  'apps/bench/src/networks',
  'apps/bench/src/models',
];

/** A folder for models, named after the sources that make them. */
function modelCache() {
  const hash = createHash('sha256');
  const files = modelSources.flatMap((source) => filesIn(path.join(root, source))).sort();
  for (const file of files) hash.update(path.relative(root, file)).update(readFileSync(file));
  return path.join(folder, 'node_modules/.cache/bench-models', hash.digest('hex').slice(0, 16));
}

/** The loops of packages/kernels/bench that show what the machine can do. */
async function peakBinaries() {
  const names = ['peaks', 'relaxedPeaks'];
  return new Map(await Promise.all(names.map(async (name) => [`${name}.wasm`, await compile(name)])));
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
  cache: modelCache(),
  peaks: await peakBinaries(),
});
