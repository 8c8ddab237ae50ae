import type { Recipe } from '@espalier/core';
import { batch, effect, type ReadonlySignal, signal } from '@preact/signals';
import fortyTimes from '../../recipes/forty-times.json' with { type: 'json' };
import { keepForOffline } from '../offline/register.js';
import type { LookGives, PreviewMethods } from '../preview/api.js';
import type { Failure } from '../rpc/protocol.js';
import { Remote } from '../rpc/remote.js';
import { shownFailure } from '../shell/message.js';
import type { Race, RunGives, RunNews, RunTakes, WeightDetail } from '../studio/api.js';
import { lenet, Studio } from '../studio/studio.js';
import { exampleStrokes } from './example-strokes.js';
import { setting } from './setting.js';
import { layerNames, recipeOf } from './slider-recipe.js';
import { type Strokes, toDigit } from './strokes.js';

/** Seed of all runs here, and of the command that gives the same file. */
export const SEED = 1;
/** The file is made when a slider has rested for so long, in ms. */
const REST_MS = 140;

/** A file, and how it came about. */
export interface Made {
  readonly recipe: Recipe;
  readonly run: RunGives;
  /** The layer that is looked at, as the file has it. */
  readonly detail: WeightDetail | null;
  readonly trained: boolean;
}

/** How far training is. */
export interface Training {
  readonly share: number;
  readonly what: string;
  readonly startedAt: number;
}

/** What was drawn. */
export const strokes = signal<Strokes>(exampleStrokes[5] ?? []);
/** The layer that is looked at: 0 is fc1. */
export const layer = signal(0);

const looked = signal<LookGives | null>(null);
/** What the sliders come to, a few milliseconds after they moved. */
export const look: ReadonlySignal<LookGives | null> = looked;
const last = signal<Made | null>(null);
/** The file of the sliders, or the retrained one. */
export const made: ReadonlySignal<Made | null> = last;
const working = signal(false);
/** Whether the file is older than the sliders. */
export const isMaking: ReadonlySignal<boolean> = working;
const trainingNow = signal<Training | null>(null);
export const training: ReadonlySignal<Training | null> = trainingNow;
const raced = signal<Race | null>(null);
export const race: ReadonlySignal<Race | null> = raced;
/** What went wrong, with the network and with training. */
export const failure = signal<Failure | null>(null);
export const trainingFailure = signal<Failure | null>(null);

const preview = new Remote<PreviewMethods>(
  () => new Worker(new URL('../preview/worker.ts', import.meta.url), { type: 'module' }),
);
const studio = new Studio();
const trainer = new Studio();
let stopTraining: AbortController | null = null;

/** Opens the network, and from then on follows the sliders and the pen. */
export async function openLaboratory(): Promise<void> {
  try {
    await studio.open(lenet);
    await preview.call('load', await studio.call('denseLayers', { slot: '', stage: 0 }));
    effect(followWithLook);
    effect(followWithFile);
    effect(() => void followLayer());
  } catch (error) {
    failure.value = shownFailure(error);
  }
}

let lookWanted = false;
let looking = false;

/** One look at a time; while it is made only the newest wish is kept. */
function followWithLook(): void {
  const trained = last.value?.trained === true;
  const takes = { setting: setting.value, pixels: toDigit(strokes.value), layer: layer.value, trained };
  lookWanted = true;
  if (looking) return;
  looking = true;
  lookWanted = false;
  const asked = performance.now();
  preview
    .call('look', takes)
    .then((gives) => {
      looked.value = gives;
      performance.measure('slider to prediction', { start: asked });
    })
    .catch((error) => {
      failure.value = shownFailure(error);
    })
    .finally(() => {
      looking = false;
      if (lookWanted) followWithLook();
    });
}

let resting: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | null = null;

function followWithFile(): void {
  const recipe = recipeOf(setting.value);
  working.value = true;
  running?.abort();
  clearTimeout(resting);
  resting = setTimeout(() => void makeFile(recipe), last.peek() === null ? 0 : REST_MS);
}

async function makeFile(recipe: Recipe): Promise<void> {
  const mine = new AbortController();
  running = mine;
  try {
    const takes: RunTakes = { recipe, seed: SEED, slot: 'sliders', data: 'held-out', drift: false };
    const run = await studio.call('run', takes, { signal: mine.signal });
    if (mine.signal.aborted) return;
    const detail = await detailOf(studio, 'sliders');
    batch(() => {
      last.value = { recipe, run, detail, trained: false };
      working.value = false;
      failure.value = null;
    });
    if (raced.peek() !== null) return;
    raced.value = await studio.call('race', null);
    // Only now is there nothing that the reader waits for.
    keepForOffline();
  } catch (error) {
    if (mine.signal.aborted) return;
    failure.value = shownFailure(error);
    working.value = false;
  }
}

function detailOf(from: Studio, slot: string): Promise<WeightDetail> {
  return from.call('weight', { slot, stage: 'last', name: layerNames[layer.peek()] ?? '' });
}

/** Another layer of the same file. */
async function followLayer(): Promise<void> {
  const name = layerNames[layer.value];
  const now = last.peek();
  if (now === null || now.detail?.name === name) return;
  const detail = await (now.trained ? detailOf(trainer, 'trained') : detailOf(studio, 'sliders')).catch(
    () => null,
  );
  if (last.peek() === now) last.value = { ...now, detail };
}

/** Runs the recipe that retrains, in a worker of its own: the sliders go on working. */
export async function startTraining(): Promise<void> {
  stopTraining = new AbortController();
  const { signal } = stopTraining;
  trainingFailure.value = null;
  const startedAt = performance.now();
  trainingNow.value = { share: 0, what: 'Starting a worker', startedAt };
  try {
    const recipe = fortyTimes as Recipe;
    await trainer.open(lenet);
    const takes: RunTakes = { recipe, seed: SEED, slot: 'trained', data: 'training', drift: false };
    const run = await trainer.call('run', takes, {
      signal,
      onNews: (news) => {
        if (trainingNow.value !== null)
          trainingNow.value = { ...progressOf(news, trainingNow.value), startedAt };
      },
    });
    const detail = await detailOf(trainer, 'trained');
    await preview.call('loadTrained', await trainer.call('denseLayers', { slot: 'trained', stage: 'last' }));
    last.value = { recipe, run, detail, trained: true };
  } catch (error) {
    trainingFailure.value = shownFailure(error);
  } finally {
    trainingNow.value = null;
  }
}

export function cancelTraining(): void {
  stopTraining?.abort();
}

/** Back to the file of the sliders. */
export function leaveTrained(): void {
  followWithFile();
}

/** What share of the whole each pass takes: ten epochs of pruning, one of the centroids. */
const shares: readonly (readonly [from: number, to: number])[] = [
  [0.02, 0.9],
  [0.9, 0.98],
  [0.98, 1],
];

function progressOf(news: RunNews, before: Training): Pick<Training, 'share' | 'what'> {
  switch (news.kind) {
    case 'data':
      return { share: before.share, what: news.what };
    case 'measure':
      return { share: before.share, what: `Measuring ${news.what}` };
    case 'pass':
      return { share: shares[news.index]?.[0] ?? before.share, what: labels[news.pass] ?? news.pass };
    case 'progress': {
      const [from, to] = shares[news.index] ?? [before.share, before.share];
      return {
        share: from + (to - from) * news.share,
        what: `${labels[news.pass] ?? news.pass}: ${news.what}`,
      };
    }
    default:
      return news satisfies never;
  }
}

const labels: Readonly<Record<string, string>> = {
  prune: 'Pruning and retraining',
  'share-weights': 'Sharing and training the shared values',
  huffman: 'Coding',
};
