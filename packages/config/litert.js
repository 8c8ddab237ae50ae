import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Starts LiteRT's build without relaxed SIMD in Node, which it does not offer: its loader is a script for workers, so it is
 * evaluated with what a worker has for its global object.
 *
 * @param {string} main - the entry file of @litertjs/core, as the caller resolves it
 * @param {(text: string) => void} printErr - gets what it complains about
 * @returns {Promise<unknown>} its WebAssembly bindings
 */
export async function startLiteRtBindings(main, printErr = () => {}) {
  const base = path.join(path.dirname(main), '../wasm/litert_wasm_compat_internal');
  const location = { href: 'http://localhost/' };
  const stand = { WorkerGlobalScope: Object, location, process: undefined };
  const worker = new Proxy(globalThis, {
    get: (target, key) => (key in stand ? stand[key] : Reflect.get(target, key)),
  });
  const names = ['globalThis', 'self', 'location', 'process', 'importScripts'];
  const script = `${readFileSync(`${base}.js`, 'utf8')}\n;return ModuleFactory;`;
  const factory = new Function(...names, script)(worker, worker, location, undefined, () => {});
  return factory({ wasmBinary: readFileSync(`${base}.wasm`), print() {}, printErr });
}
