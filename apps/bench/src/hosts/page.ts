// What runs in the page: the agent under a global name, told by the address how many threads other engines get.

import type { Engine, EngineName } from '../engines/engine.js';
import { espalierEngine } from '../engines/espalier.js';
import { liteRtEngine } from '../engines/litert.js';
import type { LiteRtWasm } from '../engines/litert-bindings.js';
import { type OnnxRuntime, onnxRuntimeEngine } from '../engines/onnxruntime.js';
import { Agent } from './agent.js';

interface LiteRtPackage {
  loadLiteRt(
    wasm: string,
    options: { readonly threads: boolean },
  ): Promise<{
    readonly liteRtWasm: LiteRtWasm;
    getDefaultEnvironment(): { readonly liteRtEnvironment: unknown };
  }>;
}

interface OnnxRuntimeWeb extends OnnxRuntime {
  readonly env: { readonly wasm: { numThreads: number; wasmPaths: string }; logLevel: string };
}

const threads = Number(new URLSearchParams(location.search).get('threads') ?? 1);

/** Peers are served as their packages hold them: a bundler would change what is measured. */
async function importFrom<T>(path: string): Promise<T> {
  return (await import(/* @vite-ignore */ new URL(path, location.href).href)) as T;
}

async function startEngine(name: EngineName): Promise<Engine> {
  switch (name) {
    case 'espalier':
      return espalierEngine();
    case 'espalier-fast':
      return espalierEngine(true);
    case 'onnxruntime-web': {
      const runtime = await importFrom<OnnxRuntimeWeb>('/onnxruntime-web/dist/ort.wasm.min.mjs');
      runtime.env.wasm.numThreads = threads;
      runtime.env.wasm.wasmPaths = new URL('/onnxruntime-web/dist/', location.href).href;
      runtime.env.logLevel = 'error';
      return onnxRuntimeEngine(runtime, { executionProviders: ['wasm'] });
    }
    case 'litert': {
      const { loadLiteRt } = await importFrom<LiteRtPackage>('/litert/dist/index.js');
      const lib = await loadLiteRt(new URL('/litert/wasm/', location.href).href, { threads: threads > 1 });
      return liteRtEngine({ wasm: lib.liteRtWasm, environment: lib.getDefaultEnvironment() }, threads);
    }
    default:
      throw new RangeError(`${name} does not run in pages here.`);
  }
}

async function readFile(name: string): Promise<Uint8Array> {
  const response = await fetch(`/files/${encodeURIComponent(name)}`);
  return new Uint8Array(await response.arrayBuffer());
}

Object.assign(globalThis, { agent: new Agent(startEngine, readFile) });
