import type { Model } from '../ir/model.js';
import type { RunData } from './dataset.js';

/** Something computed from a model that is worth keeping until the model changes. */
export interface Analysis<T> {
  readonly name: string;
  compute(model: Model, data: RunData): T | Promise<T>;
}

/** Keeps results until `clear`. One for each run: two runs never share one. */
export class AnalysisCache {
  readonly #results = new Map<Analysis<unknown>, Promise<unknown>>();

  get<T>(analysis: Analysis<T>, model: Model, data: RunData): Promise<T> {
    const known = this.#results.get(analysis);
    if (known !== undefined) return known as Promise<T>; // keyed by the analysis that made it
    const result = Promise.resolve(analysis.compute(model, data));
    this.#results.set(analysis, result);
    return result;
  }

  clear(): void {
    this.#results.clear();
  }
}
