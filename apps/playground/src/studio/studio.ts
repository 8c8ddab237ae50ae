import type { Failure } from '../rpc/protocol.js';
import { type CallOptions, Remote } from '../rpc/remote.js';
import type { ModelView, Source, StudioMethods } from './api.js';

/** The folder of the page: its files are below it. */
export const pageFolder: string = new URL('./', document.baseURI).href;

/** The network that the page opens with. */
export const lenet: Source = {
  kind: 'page',
  url: `${pageFolder}models/lenet-300-100.onnx`,
  name: 'lenet-300-100.onnx',
};

/**
 * A worker with the whole toolkit and one open model. A worker that has ended is started again at the next call, and opens
 * its model again: what the page had it has.
 */
export class Studio {
  readonly #remote: Remote<StudioMethods>;
  #source: Source | null = null;
  #opened: Promise<ModelView> | null = null;
  #opening: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#remote = new Remote<StudioMethods>(() => {
      this.#opened = null;
      return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: pageFolder });
    });
  }

  /** Opens a model. One that can't be read leaves the open one where it is. */
  async open(source: Source): Promise<ModelView> {
    // One after the other: what was asked for last is open in the end.
    const opening = this.#opening.catch(() => {}).then(() => this.#remote.call('open', source));
    this.#opening = opening;
    const view = await opening;
    this.#source = source;
    this.#opened = opening;
    return view;
  }

  /** Calls a method of the worker, with the model open. */
  async call<K extends keyof StudioMethods & string>(
    method: K,
    takes: StudioMethods[K]['takes'],
    options: CallOptions<StudioMethods[K]['tells']> = {},
  ): Promise<StudioMethods[K]['gives']> {
    await this.#ready();
    return this.#remote.call(method, takes, options);
  }

  /** Ends the worker. */
  end(failure?: Failure): void {
    this.#remote.end(failure);
    this.#opened = null;
  }

  async #ready(): Promise<void> {
    if (this.#source === null) return;
    if (!this.#remote.isRunning) this.#opened = null;
    this.#opened ??= this.#remote.call('open', this.#source);
    await this.#opened;
  }
}
