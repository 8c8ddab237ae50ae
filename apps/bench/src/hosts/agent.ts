import { loadKernels } from '@espalier/kernels';
import type { EdgeGrid, Engine, EngineName, LoadedModel } from '../engines/engine.js';
import { bestPeaks, type Limits, measurePeaks, type Peaks } from '../measure/peaks.js';
import { median } from '../measure/statistics.js';
import { callsPerSample, timeSlot } from '../measure/time-slot.js';

/** A model to load in an agent; all of it survives being sent to a page. */
export interface AgentRequest {
  readonly id: string;
  readonly engine: EngineName;
  /** Names of files that the host hands out: the model, and its input as float32. */
  readonly file: string;
  readonly input: string;
  readonly dims: readonly number[];
  readonly grids: { readonly input: EdgeGrid; readonly output: EdgeGrid } | null;
  /** Of a session of ours; absent: 1. */
  readonly threads?: number;
}

interface Loaded {
  readonly model: LoadedModel;
  calls: number;
}

/** Runs engines in this process or page, one call at a time. */
export class Agent {
  readonly #start: (name: EngineName) => Promise<Engine>;
  readonly #read: (file: string) => Promise<Uint8Array>;
  readonly #engines = new Map<EngineName, Promise<Engine>>();
  readonly #models = new Map<string, Loaded>();

  /**
   * @param start - starts an engine; asked once for each
   * @param read - the bytes of one of the host's files
   */
  constructor(start: (name: EngineName) => Promise<Engine>, read: (file: string) => Promise<Uint8Array>) {
    this.#start = start;
    this.#read = read;
  }

  /** Loads a model and returns its answer. */
  async load({
    id,
    engine: name,
    file,
    input,
    dims,
    grids,
    threads = 1,
  }: AgentRequest): Promise<readonly number[]> {
    const starting = this.#engines.get(name) ?? this.#start(name);
    this.#engines.set(name, starting);
    const engine = await starting;
    const bytes = await this.#read(input);
    const reals = new Float32Array(bytes.slice().buffer);
    const model = await engine.load({
      file: await this.#read(file),
      input: reals,
      dims,
      grids,
      threads,
    });
    this.#models.set(id, { model, calls: 1 });
    return Array.from(await model.answer());
  }

  async warmUp(id: string, milliseconds: number): Promise<void> {
    const loaded = this.#loaded(id);
    loaded.calls = await callsPerSample(() => loaded.model.run(), milliseconds);
  }

  /** Milliseconds for one run, of each sample of a slot. */
  time(id: string, slotMs: number): Promise<readonly number[]> {
    const { model, calls } = this.#loaded(id);
    return timeSlot(() => model.run(), calls, slotMs);
  }

  /** Median of some means over `runs` runs of the products of a model, in milliseconds. */
  async productMs(id: string, samples: number, runs: number): Promise<number> {
    const { model } = this.#loaded(id);
    const times: number[] = [];
    for (let i = 0; i < samples; i++) times.push((await model.productMs?.(runs)) ?? Number.NaN);
    return median(times);
  }

  /** What this machine can do here at most: the best of some rounds of the loops of some files. */
  async limits(files: readonly string[], rounds: number): Promise<Limits> {
    const all: Peaks[] = [];
    for (const file of files) {
      const binary = await this.#read(file);
      for (let round = 0; round < rounds; round++) all.push(await measurePeaks(binary));
    }
    return { peaks: bestPeaks(all), binary: (await loadKernels()).binary };
  }

  async release(id: string): Promise<void> {
    const { model } = this.#loaded(id);
    this.#models.delete(id);
    await model.release();
  }

  #loaded(id: string): Loaded {
    const loaded = this.#models.get(id);
    if (loaded === undefined) throw new RangeError(`Nothing is loaded as "${id}".`);
    return loaded;
  }
}
