import type { Recipe } from '@espalier/core';
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Failure } from '../rpc/protocol.js';
import { shownFailure } from '../shell/message.js';
import type { RunGives, RunNews } from '../studio/api.js';
import { dataHere, opened, type Subject, studio } from './workbench.js';

/** Seed of all runs here. */
export const SEED = 1;

/** A run that has ended, and of what. */
export interface Outcome {
  readonly recipe: Recipe;
  readonly run: RunGives;
  readonly subject: Subject;
}

/** How far a run is. */
export interface Progress {
  /** 0 to 1. */
  readonly share: number;
  readonly what: string;
}

/** Runs recipes on the open model under one name, one after the other. What went wrong leaves the last outcome there. */
export class Runner {
  readonly slot: string;
  readonly #outcome: Signal<Outcome | null> = signal(null);
  readonly #progress: Signal<Progress | null> = signal(null);
  readonly failure: Signal<Failure | null> = signal(null);
  #abort: AbortController | null = null;

  constructor(slot: string) {
    this.slot = slot;
  }

  get outcome(): ReadonlySignal<Outcome | null> {
    return this.#outcome;
  }

  /** The last outcome, if it is of the model that is open. */
  get current(): Outcome | null {
    const found = this.#outcome.value;
    return found !== null && found.subject === opened.value ? found : null;
  }

  get progress(): ReadonlySignal<Progress | null> {
    return this.#progress;
  }

  async run(recipe: Recipe): Promise<void> {
    const subject = opened.peek();
    if (subject === null) return;
    this.#abort?.abort();
    const mine = new AbortController();
    this.#abort = mine;
    this.failure.value = null;
    this.#progress.value = { share: 0, what: 'Starting' };
    try {
      const data = dataHere();
      const takes = { recipe, seed: SEED, slot: this.slot, data, drift: data !== 'none' } as const;
      const onNews = (news: RunNews): void => {
        if (this.#abort === mine) this.#progress.value = progressOf(news, this.#progress.value);
      };
      const run = await studio.call('run', takes, { signal: mine.signal, onNews });
      if (this.#abort === mine) this.#outcome.value = { recipe, run, subject };
    } catch (error) {
      if (this.#abort === mine) this.failure.value = shownFailure(error);
    } finally {
      if (this.#abort === mine) this.#progress.value = null;
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }
}

function progressOf(news: RunNews, before: Progress | null): Progress {
  switch (news.kind) {
    case 'data':
      return { share: before?.share ?? 0, what: news.what };
    case 'measure':
      return { share: before?.share ?? 0, what: `Measuring ${news.what}` };
    case 'pass':
      return { share: news.index / news.of, what: news.pass };
    case 'progress':
      return { share: (news.index + news.share) / news.of, what: `${news.pass}: ${news.what}` };
    default:
      return news satisfies never;
  }
}
