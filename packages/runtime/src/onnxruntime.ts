import type { Format } from '@espalier/core';
import type { Backend, registerBackend, TensorConstructor } from 'onnxruntime-common';
import { EspalierHandler } from './onnxruntime/handler.js';
import { loadBytes } from './onnxruntime/load-bytes.js';
import { sessionOptions } from './onnxruntime/session-options.js';
import { InferenceSession } from './session/inference-session.js';

/** The part of `onnxruntime-common` that is used here: pass the module itself. */
export interface OnnxRuntime {
  readonly registerBackend: typeof registerBackend;
  readonly Tensor: TensorConstructor;
}

/** How Espalier is registered. */
export interface ProviderOptions {
  /** The file formats that sessions are made from: `onnxFormat`, … */
  readonly formats: readonly Format[];
  /**
   * Above that of other providers it computes what asks for none by name (onnxruntime-node has 100). Negative, the
   * default: only where a session asks for `espalier`.
   */
  readonly priority?: number;
}

/**
 * Registers Espalier at onnxruntime-common as the execution provider `espalier`:
 *
 *     import * as ort from 'onnxruntime-common';
 *     registerEspalier(ort, { formats: [onnxFormat] });
 *     const session = await ort.InferenceSession.create(bytes, { executionProviders: ['espalier'] });
 *
 * A module that holds a copy of onnxruntime-common (onnxruntime-web does) is passed the same way. In Node a model may be
 * named by a path. `@espalier/presets/onnxruntime` does all this by being imported.
 */
export function registerEspalier(ort: OnnxRuntime, { formats, priority = -1 }: ProviderOptions): void {
  const backend: Backend = {
    async init() {},
    async createInferenceSessionHandler(source, options = {}) {
      const location = typeof source === 'string' ? source : null;
      const ours = sessionOptions(options, formats, location);
      const bytes = typeof source === 'string' ? await loadBytes(source) : unshared(source);
      return new EspalierHandler(await InferenceSession.create(bytes, ours), ort.Tensor);
    },
  };
  ort.registerBackend('espalier', backend, priority);
}

/** Text is not decoded from shared memory: such bytes are copied. */
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice();
}
