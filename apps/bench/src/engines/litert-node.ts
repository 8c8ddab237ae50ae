import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { LiteRt, LiteRtWasm } from './litert-bindings.js';

/**
 * Starts LiteRT's build without relaxed SIMD in Node, which it does not offer: its loader is a script for
 * workers, so it is evaluated with what a worker has for its global object.
 */
export async function startLiteRtInNode(): Promise<LiteRt> {
  const main = createRequire(import.meta.url).resolve('@litertjs/core');
  const base = path.join(path.dirname(main), '../wasm/litert_wasm_compat_internal');
  const location = { href: 'http://localhost/' };
  const stand: Readonly<Record<string | symbol, unknown>> = {
    WorkerGlobalScope: Object,
    location,
    process: undefined,
  };
  const worker: unknown = new Proxy(globalThis, {
    get: (target, key) => (key in stand ? stand[key] : Reflect.get(target, key)),
  });
  const names = ['globalThis', 'self', 'location', 'process', 'importScripts'];
  const script = `${readFileSync(`${base}.js`, 'utf8')}\n;return ModuleFactory;`;
  const factory = new Function(...names, script)(worker, worker, location, undefined, () => {});
  const wasm = (await factory({
    wasmBinary: readFileSync(`${base}.wasm`),
    print() {},
    printErr() {},
  })) as LiteRtWasm & { LiteRtEnvironment: { create(options: null): unknown } };
  return { wasm, environment: { liteRtEnvironment: wasm.LiteRtEnvironment.create(null) } };
}
