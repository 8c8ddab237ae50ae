import type { Recipe } from '@espalier/core';
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Failure } from '../rpc/protocol.js';
import { shownFailure } from '../shell/message.js';
import type { CheckedRecipe } from '../studio/api.js';
import { Runner } from '../workbench/runner.js';
import { dataHere, opened, studio } from '../workbench/workbench.js';
import { recipeFrom, type StepState } from './steps.js';

/** Models up to this many bytes are run again whenever a pipeline changes. */
const LIVE_BYTES = 3e6;
const REST_MS = 350;

/** One of the two pipelines: its cards, what core says of them, and its last run. */
export class Pipeline {
  readonly name: 'A' | 'B';
  readonly runner: Runner;
  readonly #steps: Signal<readonly StepState[]> = signal([]);
  readonly #checked: Signal<CheckedRecipe | null> = signal(null);
  readonly #failure: Signal<Failure | null> = signal(null);
  #resting: ReturnType<typeof setTimeout> | undefined;
  #version = 0;

  constructor(name: 'A' | 'B') {
    this.name = name;
    this.runner = new Runner(`pipeline ${name}`);
  }

  get steps(): readonly StepState[] {
    return this.#steps.value;
  }

  /** The order they run in; null while that is not known, or can't be. */
  get checked(): ReadonlySignal<CheckedRecipe | null> {
    return this.#checked;
  }

  /** What core refuses in them. */
  get failure(): ReadonlySignal<Failure | null> {
    return this.#failure;
  }

  get recipe(): Recipe {
    return recipeFrom(this.steps, `pipeline-${this.name.toLowerCase()}`);
  }

  /** Takes other steps; they are checked, and run where that is quick. */
  set(steps: readonly StepState[]): void {
    this.#steps.value = steps;
    void this.#check();
  }

  /** Runs the steps as they are. */
  async run(): Promise<void> {
    clearTimeout(this.#resting);
    await this.runner.run(this.recipe);
  }

  async #check(): Promise<void> {
    const mine = ++this.#version;
    clearTimeout(this.#resting);
    // What it runs now nobody waits for any more.
    this.runner.cancel();
    if (this.steps.length === 0) {
      this.#checked.value = null;
      this.#failure.value = null;
      return;
    }
    try {
      const checked = await studio.call('check', { recipe: this.recipe, data: dataHere() });
      if (mine !== this.#version) return;
      this.#checked.value = checked;
      this.#failure.value = null;
      if ((opened.peek()?.view.fileBytes ?? Infinity) <= LIVE_BYTES)
        this.#resting = setTimeout(() => void this.run(), REST_MS);
    } catch (error) {
      if (mine !== this.#version) return;
      this.#checked.value = null;
      this.#failure.value = shownFailure(error);
    }
  }
}
