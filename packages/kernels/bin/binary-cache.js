/**
 * Compiled binaries on disk, for set-up, builds and tests of one checkout: each is compiled once for all of them. The
 * place of one is made of every byte it depends on, so that what is read is what compiling would give.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = path.join(root, 'node_modules/.cache/binaries');
const SOURCES = ['assembly', 'bench/assembly'];
/** Sources whose binaries are kept, the newest: those of another branch need not be compiled again on the way back. */
const KEPT = 4;

// Its manifest names the one version of binaryen that it works with.
const compiler = fs.readFileSync(path.join(root, 'node_modules/assemblyscript/package.json'));

function hashOfSources() {
  const hash = createHash('sha256').update(compiler);
  for (const folder of SOURCES) {
    const files = fs.readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true });
    const paths = files.filter((file) => file.isFile()).map((file) => path.join(file.parentPath, file.name));
    for (const file of paths.sort()) {
      const contents = fs.readFileSync(file);
      hash.update(`\n${path.relative(root, file)} ${contents.length}\n`).update(contents);
    }
  }
  return hash.digest('hex');
}

/**
 * @param {readonly string[]} words - entry file and options
 * @param {() => Promise<Uint8Array>} compile - makes the binary where there is none
 * @returns {Promise<Uint8Array>}
 */
export async function cached(words, compile) {
  const sources = hashOfSources();
  const folder = path.join(cache, sources);
  const file = path.join(folder, `${createHash('sha256').update(JSON.stringify(words)).digest('hex')}.wasm`);
  if (fs.existsSync(file)) return new Uint8Array(fs.readFileSync(file));
  const binary = await compile();
  // A source that was edited meanwhile: nobody knows what was compiled.
  if (hashOfSources() === sources) store(folder, file, binary);
  return binary;
}

function store(folder, file, binary) {
  fs.mkdirSync(folder, { recursive: true });
  // Renamed when it is whole: tests of two packages may write the same one at the same time.
  const draft = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  fs.writeFileSync(draft, binary);
  fs.renameSync(draft, file);
  fs.utimesSync(folder, new Date(), new Date());
  const folders = fs.readdirSync(cache).map((name) => path.join(cache, name));
  const age = new Map(folders.map((one) => [one, fs.statSync(one, { throwIfNoEntry: false })?.mtimeMs ?? 0]));
  folders.sort((a, b) => age.get(b) - age.get(a));
  for (const old of folders.slice(KEPT)) fs.rmSync(old, { recursive: true, force: true });
}
