import { type ReadonlySignal, signal } from '@preact/signals';
import type { Failure } from '../rpc/protocol.js';
import { shownFailure } from '../shell/message.js';
import type { ModelView, PassCatalogue, Source } from '../studio/api.js';
import { lenet, Studio } from '../studio/studio.js';

/** The model that the reader works on: in all views but the first. */
export interface Subject {
  readonly source: Source;
  readonly view: ModelView;
}

const subject = signal<Subject | null>(null);
export const opened: ReadonlySignal<Subject | null> = subject;
const busy = signal<string | null>(null);
/** Name of the file that is being read. */
export const opening: ReadonlySignal<string | null> = busy;
export const openFailure = signal<Failure | null>(null);
const known = signal<PassCatalogue | null>(null);
/** Passes, recipes and formats. */
export const catalogue: ReadonlySignal<PassCatalogue | null> = known;

/** The worker of the open model. */
export const studio: Studio = new Studio();

let asked = 0;

/** Opens a model. One that can't be read leaves the open one there, and says why. */
export async function openModel(source: Source): Promise<void> {
  const mine = ++asked;
  openFailure.value = null;
  busy.value = source.name;
  try {
    const view = await studio.open(source);
    if (mine !== asked) return;
    subject.value = { source, view };
  } catch (error) {
    if (mine === asked) openFailure.value = shownFailure(error);
  } finally {
    if (mine === asked) busy.value = null;
  }
}

/** Opens a file of the reader's. */
export function openFile(file: File): Promise<void> {
  return openModel({ kind: 'file', file, name: file.name });
}

let begun = false;

/** Has passes and a model ready: the page's own, until the reader brings one. */
export function beginWork(): void {
  if (begun) return;
  begun = true;
  studio
    .call('passes', null)
    .then((found) => {
      known.value = found;
    })
    .catch((error) => {
      openFailure.value = shownFailure(error);
    });
  if (subject.peek() === null && busy.peek() === null) void openModel(lenet);
}

/** What a run on the open model may be given: digits, where it reads them. */
export function dataHere(): 'held-out' | 'none' {
  return subject.value?.view.readsDigits === true ? 'held-out' : 'none';
}
