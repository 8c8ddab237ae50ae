import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { FailureMessage, Note } from '../shell/message.js';
import { ProgressLine } from '../workbench/progress-line.js';
import { catalogue, dataHere } from '../workbench/workbench.js';
import { LayerBars } from './layer-bars.js';
import { orderNotes } from './order-notes.js';
import type { Pipeline } from './pipeline.js';
import { SideResult } from './side-result.js';
import { StepCard } from './step-card.js';
import { moveStep, stepState, stepsFrom } from './steps.js';

/** One of the two pipelines: cards above, what comes out below. */
export function Side({ pipeline }: { readonly pipeline: Pipeline }): JSX.Element {
  const grabbed = useSignal<number | null>(null);
  const adding = useSignal('prune');
  const { steps } = pipeline;
  const passes = new Map(catalogue.value?.passes.map((info) => [info.id, info]));
  const failure = pipeline.failure.value;
  const isOf = (pass: string): boolean => new RegExp(`^${pass}\\b`).test(failure?.where ?? '');
  const inCard = failure !== null && steps.some(({ pass }) => isOf(pass));
  const checked = pipeline.checked.value;
  const outcome = pipeline.runner.current;
  const move = (from: number, to: number): void => pipeline.set(moveStep(steps, from, to));
  return (
    <section class="side" aria-label={`Pipeline ${pipeline.name}`}>
      <header class="side-head">
        <h2>{pipeline.name}</h2>
        <label class="side-recipe">
          <span class="visually-hidden">Start from a recipe</span>
          <select
            class="input"
            value=""
            onChange={({ currentTarget }) => {
              const recipe = catalogue.value?.recipes.find(({ name }) => name === currentTarget.value);
              if (recipe)
                pipeline.set(stepsFrom(recipe, dataHere() === 'none' ? [] : ['holdout', 'calibration']));
              currentTarget.value = '';
            }}
          >
            <option value="">Start from a recipe …</option>
            {catalogue.value?.recipes.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="button button-main"
          disabled={steps.length === 0 || failure !== null}
          onClick={() => void pipeline.run()}
        >
          Run {pipeline.name}
        </button>
      </header>
      <SideResult pipeline={pipeline} />
      {outcome && <LayerBars pipeline={pipeline} layers={outcome.run.layers} />}
      <ProgressLine runner={pipeline.runner} label={`Run of ${pipeline.name}`} />
      <FailureMessage failure={inCard ? null : failure} />
      <FailureMessage
        failure={pipeline.runner.failure.value}
        onClose={() => (pipeline.runner.failure.value = null)}
      />
      {checked && checked.ordered.join() !== checked.given.join() && (
        <Note>The steps run in the order {checked.ordered.join(', ')}, which their passes ask for.</Note>
      )}
      <ol class="steps">
        {steps.map((step, index) => (
          <StepCard
            key={step.key}
            step={step}
            index={index}
            count={steps.length}
            info={passes.get(step.pass) ?? null}
            order={orderNotes(steps, index, passes)}
            refused={failure !== null && isOf(step.pass) ? [failure.what, failure.fix].join(' ') : null}
            onMove={(to) => move(index, to)}
            onRemove={() => pipeline.set(steps.filter(({ key }) => key !== step.key))}
            onChange={(changed) => pipeline.set(steps.map((one) => (one.key === step.key ? changed : one)))}
            onGrab={() => {
              grabbed.value = index;
            }}
            onOver={() => {}}
            onDrop={() => {
              if (grabbed.value !== null) move(grabbed.value, index);
              grabbed.value = null;
            }}
          />
        ))}
      </ol>
      <div class="add-step">
        <select
          class="input"
          aria-label={`Pass to add to ${pipeline.name}`}
          value={adding.value}
          onChange={({ currentTarget }) => {
            adding.value = currentTarget.value;
          }}
        >
          {catalogue.value?.passes.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="button"
          onClick={() => pipeline.set([...steps, stepState(adding.value)])}
        >
          Add
        </button>
        <p class="hint">{passes.get(adding.value)?.about}</p>
      </div>
    </section>
  );
}
