import type { Tensor as EspalierTensor, Format } from '@espalier/core';
import type {
  Backend,
  InferenceSessionHandler,
  registerBackend,
  TensorConstructor,
} from 'onnxruntime-common';
import type { TensorLike } from './session/feeds.js';
import { InferenceSession } from './session/inference-session.js';

/** The part of `onnxruntime-common` that is used here: pass the module itself. */
export interface OnnxRuntime {
  readonly registerBackend: typeof registerBackend;
  readonly Tensor: TensorConstructor;
}

type Handler = InferenceSessionHandler;

/**
 * Registers Espalier at onnxruntime-common as the execution provider `espalier`:
 *
 *     import * as ort from 'onnxruntime-common';
 *     registerEspalier(ort, { formats: [onnxFormat] });
 *     const session = await ort.InferenceSession.create(bytes, { executionProviders: ['espalier'] });
 *
 * @param options.priority - above that of other back ends it is the default; never the default by itself
 */
export function registerEspalier(
  ort: OnnxRuntime,
  options: { readonly formats: readonly Format[]; readonly priority?: number },
): void {
  const backend: Backend = {
    async init() {},
    async createInferenceSessionHandler(source) {
      const bytes = typeof source === 'string' ? await fetchBytes(source) : source;
      return handlerOf(await InferenceSession.create(bytes, { formats: options.formats }), ort.Tensor);
    },
  };
  ort.registerBackend('espalier', backend, options.priority ?? -1);
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The model ${url} can't be fetched: status ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

function handlerOf(session: InferenceSession, Tensor: TensorConstructor): Handler {
  return {
    // Same members; onnxruntime-common wants arrays it may write to.
    inputMetadata: session.inputMetadata as unknown as Handler['inputMetadata'],
    outputMetadata: session.outputMetadata as unknown as Handler['outputMetadata'],
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    startProfiling() {},
    endProfiling() {},
    async run(feeds, fetches) {
      const outputs = await session.run(feeds as Readonly<Record<string, TensorLike>>, fetches);
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, toOrt(tensor, Tensor)]),
      );
    },
    dispose: () => session.release(),
  };
}

function toOrt(
  { type, data, dims }: EspalierTensor,
  Tensor: TensorConstructor,
): InstanceType<TensorConstructor> {
  // The element types have the same names and arrays.
  return new Tensor(type as 'float32', data as Float32Array, dims);
}
