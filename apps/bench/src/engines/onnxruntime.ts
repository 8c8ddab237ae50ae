import type { Engine } from './engine.js';

interface OrtTensor {
  readonly data: unknown;
}

interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** What onnxruntime-web and onnxruntime-node have in common. */
export interface OnnxRuntime {
  readonly InferenceSession: { create(file: Uint8Array, options: object): Promise<OrtSession> };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor;
}

/**
 * ONNX Runtime by its public API.
 *
 * @param options - of the session: execution provider and threads
 */
export function onnxRuntimeEngine(runtime: OnnxRuntime, options: object): Engine {
  return {
    async load({ file, input, dims }) {
      const session = await runtime.InferenceSession.create(file, {
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        ...options,
      });
      const feeds = { x: new runtime.Tensor('float32', input, dims) };
      return {
        run: () => session.run(feeds),
        async answer() {
          const [output] = Object.values(await session.run(feeds));
          return Float32Array.from((output?.data ?? []) as Float32Array); // every model has one float32 output
        },
        release: () => session.release(),
      };
    },
  };
}
