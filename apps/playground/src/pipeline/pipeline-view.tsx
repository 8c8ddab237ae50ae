import type { Recipe } from '@espalier/core';
import { effect, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { OpenFile } from '../model/open-file.js';
import type { Failure } from '../rpc/protocol.js';
import { FailureMessage, shownFailure } from '../shell/message.js';
import { arrivals, noteParams, route } from '../shell/route.js';
import { beginWork, catalogue, dataHere, opened, studio } from '../workbench/workbench.js';
import { Pipeline } from './pipeline.js';
import { fromAddress, toAddress } from './recipe-address.js';
import { Side } from './side.js';
import { stepsFrom } from './steps.js';

const sides = { a: new Pipeline('A'), b: new Pipeline('B') } as const;
const addressFailure = signal<Failure | null>(null);
let begun = false;

/** Two pipelines over one model, side by side. */
export function PipelinePage(): JSX.Element {
  useEffect(() => {
    beginWork();
    if (begun) return;
    begun = true;
    const params = route.peek().params;
    const stop = effect(() => {
      if (catalogue.value === null || opened.value === null) return;
      queueMicrotask(() => stop());
      void takeSteps(params);
    });
  }, []);
  useEffect(() => {
    if (arrivals.value > 0 && route.value.view === 'pipeline') void takeSteps(route.value.params);
  }, [arrivals.value]);
  useEffect(() => effect(noteSteps), []);
  return (
    <div class="pipeline-view">
      <OpenFile />
      <FailureMessage failure={addressFailure.value} onClose={() => (addressFailure.value = null)} />
      <div class="sides">
        <Side pipeline={sides.a} />
        <Side pipeline={sides.b} />
      </div>
    </div>
  );
}

/** What the page has when an address says nothing. */
const firstRecipes = { a: 'deep-compression', b: 'int8' } as const;

/** Takes both pipelines from an address. What it has wrong is told, and that side is as at first. */
async function takeSteps(params: URLSearchParams): Promise<void> {
  const roles = dataHere() === 'none' ? [] : ['holdout', 'calibration'];
  addressFailure.value = null;
  for (const key of ['a', 'b'] as const) {
    const first = catalogue.value?.recipes.find(({ name }) => name === firstRecipes[key]);
    const text = params.get(key);
    try {
      if (text === null) {
        if (sides[key].steps.length === 0 && first) sides[key].set(stepsFrom(first, roles));
        continue;
      }
      const recipe = fromAddress(text);
      await studio.call('check', { recipe, data: dataHere() });
      sides[key].set(stepsFrom(recipe as Recipe, roles)); // it was checked just now
    } catch (error) {
      const failure = shownFailure(error);
      if (failure)
        addressFailure.value = {
          ...failure,
          what: `Pipeline ${sides[key].name} of the address can't be used. ${failure.what}`,
        };
      if (sides[key].steps.length === 0 && first) sides[key].set(stepsFrom(first, roles));
    }
  }
}

function noteSteps(): void {
  const [a, b] = [sides.a.steps, sides.b.steps];
  if (a.length === 0 && b.length === 0) return;
  const [inA, inB] = [toAddress(a), toAddress(b)];
  noteParams('pipeline', { ...(inA !== null && { a: inA }), ...(inB !== null && { b: inB }) });
}
