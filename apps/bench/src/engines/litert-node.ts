import { createRequire } from 'node:module';
import { startLiteRtBindings } from '@espalier/config/litert';
import type { LiteRt, LiteRtWasm } from './litert-bindings.js';

/** Starts LiteRT in Node, with the bindings that it has in pages. */
export async function startLiteRtInNode(): Promise<LiteRt> {
  const main = createRequire(import.meta.url).resolve('@litertjs/core');
  const wasm = (await startLiteRtBindings(main)) as LiteRtWasm & {
    LiteRtEnvironment: { create(options: null): unknown };
  };
  return { wasm, environment: { liteRtEnvironment: wasm.LiteRtEnvironment.create(null) } };
}
