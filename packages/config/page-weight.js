import zlib from 'node:zlib';
import { bundleToFiles } from './browser.js';

const BINARY = 'kernels, WASM';

/** Bytes behind brotli at its best, as servers of static files have it ready. */
export function brotliBytes(content) {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = zlib.constants;
  return zlib.brotliCompressSync(content, { params: { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: 24 } }).length;
}

/**
 * What a page with this entry weighs. Kernels are there in several binaries, of which a browser loads one: the heaviest is
 * counted, and on demand the heaviest of those for codes of run-time ranges. Files that are imported as the page runs (plain operators, workers) are marked: most models load none.
 *
 * @param {string} entry - path of a TypeScript file
 * @returns {Promise<import('./page-weight.js').PageWeight>}
 */
export async function weighPage(entry) {
  const files = await bundleToFiles(entry);
  const weights = new Map(files.map((file) => [file, brotliBytes(file.text)]));
  const binaries = files.filter(holdsBinary).sort((a, b) => weights.get(b) - weights.get(a));
  const [heaviest] = binaries.filter((file) => !standsBeside(file));
  const [beside] = binaries.filter(standsBeside);
  const loaded = closure(files, [files[0], heaviest]);
  const counted = files.filter((file) => loaded.has(file) || !holdsBinary(file) || file === beside);
  const rows = counted.map((file) => ({
    name: file.name,
    bytes: Buffer.byteLength(file.text),
    brotli: weights.get(file),
    onDemand: !loaded.has(file),
    parts: partsOf(file, weights.get(file)),
  }));
  const sum = (some) => some.reduce((total, { brotli }) => total + brotli, 0);
  return { files: rows, loaded: sum(rows.filter(({ onDemand }) => !onDemand)), everything: sum(rows) };
}

/**
 * The modules of a page with this entry: those that it starts with, and those that are imported as it runs.
 *
 * @param {string} entry - path of a TypeScript file
 * @returns {Promise<import('./page-weight.js').PageModules>}
 */
export async function modulesOfPage(entry) {
  const files = await bundleToFiles(entry);
  const atOnce = closure(files, [files[0]]);
  const idsOf = (some) => some.flatMap(({ sources }) => sources.map(({ id }) => id));
  return {
    atOnce: idsOf(files.filter((file) => atOnce.has(file))),
    onDemand: idsOf(files.filter((file) => !atOnce.has(file))),
  };
}

/** The probe of the relaxed instructions is of another kind: every page has it. */
function holdsBinary({ sources }) {
  return sources.length > 0 && sources.every(({ id }) => partOf(id) === BINARY);
}

/** Binaries of which one is loaded beside another. */
function standsBeside({ sources }) {
  return sources.some(({ id }) => /\/gen\/dynamic/.test(id));
}

/** Files, and those which they can't start without. */
function closure(files, starts) {
  const reached = new Set();
  const visit = (file) => {
    if (file === undefined || reached.has(file)) return;
    reached.add(file);
    for (const name of file.imports) visit(files.find((other) => other.name === name));
  };
  for (const file of starts) visit(file);
  return reached;
}

/** How the packages share the bytes of a file: by their code before it is minified. */
function partsOf({ sources }, brotli) {
  const total = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = new Map();
  for (const { id, bytes } of sources) {
    parts.set(partOf(id), (parts.get(partOf(id)) ?? 0) + (bytes / total) * brotli);
  }
  return [...parts].map(([name, share]) => ({ name, brotli: Math.round(share) })).sort((a, b) => b.brotli - a.brotli);
}

function partOf(id) {
  if (id.includes('/kernels/src/gen/')) return BINARY;
  const outside = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1];
  if (outside !== undefined) return outside;
  return /\/(?:packages|plugins)\/([^/]+)\/src\//.exec(id)?.[1] ?? 'the page';
}
