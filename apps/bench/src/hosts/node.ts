import { createRequire } from 'node:module';
import { hasRelaxedSimd } from '@espalier/kernels';
import type { Engine, EngineName } from '../engines/engine.js';
import { espalierEngine } from '../engines/espalier.js';
import { liteRtEngine } from '../engines/litert.js';
import { startLiteRtInNode } from '../engines/litert-node.js';
import { type OnnxRuntime, onnxRuntimeEngine } from '../engines/onnxruntime.js';
import { Agent } from './agent.js';
import type { Host, HostOptions } from './host.js';
import { packageVersion } from './versions.js';

/** This process as a host. */
export function nodeHost(options: HostOptions): Host {
  const files = new Map<string, Uint8Array>();
  const agent = new Agent(
    (name) => startEngine(name, options.peerThreads),
    async (name) => files.get(name) ?? new Uint8Array(0),
  );
  return {
    name: 'node',
    version: process.versions.node,
    engines: installedEngines(options),
    offer: (name, bytes) => void files.set(name, bytes),
    load: (request) => agent.load(request),
    warmUp: (id, milliseconds) => agent.warmUp(id, milliseconds),
    time: (id, slotMs) => agent.time(id, slotMs),
    productMs: (id, samples, runs) => agent.productMs(id, samples, runs),
    limits: (names, rounds) => agent.limits(names, rounds),
    release: (id) => agent.release(id),
    async close() {},
  };
}

function installedEngines({ peers, version, say }: HostOptions): ReadonlyMap<EngineName, string> {
  const engines = new Map<EngineName, string>([['espalier', version]]);
  // Elsewhere it is the same as the other one.
  if (hasRelaxedSimd()) engines.set('espalier-fast', version);
  if (!peers) return engines;
  const packages = [
    ['onnxruntime-web', 'onnxruntime-web'],
    ['litert-compat', '@litertjs/core'],
    ['onnxruntime-node', 'onnxruntime-node'],
  ] as const;
  for (const [engine, name] of packages) {
    const version = packageVersion(name);
    if (version === null) say(`${name} is not installed: left out.`);
    else engines.set(engine, version);
  }
  return engines;
}

async function startEngine(name: EngineName, threads: number): Promise<Engine> {
  switch (name) {
    case 'espalier':
      return espalierEngine();
    case 'espalier-fast':
      return espalierEngine(true);
    case 'onnxruntime-web': {
      const runtime = await import('onnxruntime-web');
      runtime.env.wasm.numThreads = threads;
      runtime.env.logLevel = 'error';
      return onnxRuntimeEngine(runtime as unknown as OnnxRuntime, { executionProviders: ['wasm'] });
    }
    case 'onnxruntime-node': {
      const runtime = createRequire(import.meta.url)('onnxruntime-node') as OnnxRuntime;
      return onnxRuntimeEngine(runtime, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
      });
    }
    case 'litert-compat':
      return liteRtEngine(await startLiteRtInNode(), threads);
    case 'litert':
      throw new RangeError('LiteRT with relaxed SIMD runs in pages only.');
  }
}
