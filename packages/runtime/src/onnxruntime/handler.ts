import type { InferenceSessionHandler, TensorConstructor } from 'onnxruntime-common';
import type { TensorLike } from '../session/feeds.js';
import type { InferenceSession } from '../session/inference-session.js';
import { fill, toOrt } from './tensors.js';

type Run = InferenceSessionHandler['run'];

/** A session of ours as onnxruntime-common talks to it. */
export class EspalierHandler implements InferenceSessionHandler {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: InferenceSessionHandler['inputMetadata'];
  readonly outputMetadata: InferenceSessionHandler['outputMetadata'];
  readonly #session: InferenceSession;
  readonly #Tensor: TensorConstructor;

  constructor(session: InferenceSession, Tensor: TensorConstructor) {
    this.#session = session;
    this.#Tensor = Tensor;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.inputMetadata = session.inputMetadata.map((entry) => ({ ...entry, shape: [...entry.shape] }));
    this.outputMetadata = session.outputMetadata.map((entry) => ({ ...entry, shape: [...entry.shape] }));
  }

  startProfiling(): void {}

  endProfiling(): void {}

  /** Run options (tags, log levels) change nothing. */
  async run(feeds: Parameters<Run>[0], fetches: Parameters<Run>[1]): ReturnType<Run> {
    const outputs = await this.#session.run(feeds as Readonly<Record<string, TensorLike>>, fetches);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => {
        const result = toOrt(tensor, this.#Tensor);
        const target = fetches[name];
        return [name, target == null ? result : fill(name, target, result)];
      }),
    );
  }

  dispose(): Promise<void> {
    return this.#session.release();
  }
}
