import type { InferenceSessionHandler, TensorConstructor } from 'onnxruntime-common';
import type { TensorLike } from '../session/feeds.js';
import type { InferenceSession } from '../session/inference-session.js';
import { profileText } from './profile-text.js';
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
  #profiling = false;
  #lastFeeds: Readonly<Record<string, TensorLike>> | null = null;

  constructor(session: InferenceSession, Tensor: TensorConstructor) {
    this.#session = session;
    this.#Tensor = Tensor;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.inputMetadata = session.inputMetadata.map((entry) => ({ ...entry, shape: [...entry.shape] }));
    this.outputMetadata = session.outputMetadata.map((entry) => ({ ...entry, shape: [...entry.shape] }));
  }

  startProfiling(): void {
    this.#profiling = true;
    this.#lastFeeds = null;
  }

  /** Runs the model some more with what it was fed last, and prints where the time goes: what callers of this expect. */
  endProfiling(): void {
    const feeds = this.#lastFeeds;
    this.#profiling = false;
    this.#lastFeeds = null;
    if (feeds === null) return;
    this.#session.profile(feeds).then(
      (profile) => console.log(profileText(profile)),
      (error) => console.error(error),
    );
  }

  /** Run options (tags, log levels) change nothing. */
  async run(feeds: Parameters<Run>[0], fetches: Parameters<Run>[1]): ReturnType<Run> {
    const fed = feeds as Readonly<Record<string, TensorLike>>;
    if (this.#profiling) this.#lastFeeds = fed;
    const outputs = await this.#session.run(fed, fetches);
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
