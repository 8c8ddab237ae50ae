import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { download } from '../shell/download.js';
import { count, percent, times } from '../shell/format.js';
import { FailureMessage, shownFailure } from '../shell/message.js';
import { ProgressLine } from '../workbench/progress-line.js';
import type { Outcome, Runner } from '../workbench/runner.js';
import { withoutData } from '../workbench/without-data.js';
import { catalogue, dataHere, opened, studio } from '../workbench/workbench.js';

/** Recipes to run on the open model, and what came out. */
export function RecipeBar({ runner }: { readonly runner: Runner }): JSX.Element {
  const recipes = catalogue.value?.recipes ?? [];
  const chosen = useSignal('int8');
  const recipe = recipes.find(({ name }) => name === chosen.value);
  const fitting = recipe && (dataHere() === 'none' ? withoutData(recipe) : recipe);
  const outcome = runner.current;
  return (
    <section class="card recipe-bar" aria-label="Compress">
      <div class="recipe-choice">
        <fieldset class="segments">
          <legend>Recipe</legend>
          {recipes.map(({ name = '' }) => (
            <label key={name}>
              <input
                type="radio"
                name="recipe"
                checked={chosen.value === name}
                onChange={() => {
                  chosen.value = name;
                }}
              />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          class="button button-main"
          disabled={fitting === undefined || opened.value === null || runner.progress.value !== null}
          onClick={() => fitting && void runner.run(fitting)}
        >
          Make it small
        </button>
      </div>
      <p class="hint">
        {recipe?.about}
        {fitting !== recipe && ' There are no data for this model here, so its weights alone are quantized.'}
      </p>
      <ProgressLine runner={runner} label="Run" />
      <FailureMessage failure={runner.failure.value} onClose={() => (runner.failure.value = null)} />
      {outcome && <Result outcome={outcome} runner={runner} />}
    </section>
  );
}

function Result({
  outcome: { run, recipe, subject },
  runner,
}: {
  readonly outcome: Outcome;
  readonly runner: Runner;
}): JSX.Element {
  const stem = subject.view.name.replace(/\.[^.]*$/, '');
  const formats = catalogue.value?.formats.filter(({ name }) => name !== 'espalier') ?? [];
  const write = async (format: string, extension: string): Promise<void> => {
    try {
      download(
        `${stem}-${recipe.name}${extension}`,
        await studio.call('write', { slot: runner.slot, format }),
      );
    } catch (error) {
      runner.failure.value = shownFailure(error);
    }
  };
  return (
    <div class="result">
      <p class="result-ratio">{times(run.bytesBefore / run.bytes.length)} smaller</p>
      <p>
        {count(run.bytes.length)} <small>bytes, from {count(run.bytesBefore)}</small>
        {run.quality && (
          <small>
            {' '}
            · {percent(run.quality.right / run.quality.samples)} of {count(run.quality.samples)} test digits
            right, from {percent(run.quality.rightBefore / run.quality.samples)}
          </small>
        )}
      </p>
      <div class="button-row">
        <button type="button" class="button" onClick={() => download(`${stem}.espalier`, run.bytes)}>
          Download .espalier
        </button>
        {formats.map(({ name, extension }) => (
          <button type="button" class="button" key={name} onClick={() => void write(name, extension)}>
            {extension}
          </button>
        ))}
        <button
          type="button"
          class="button"
          onClick={() => download('recipe.json', `${JSON.stringify(recipe, null, 2)}\n`)}
        >
          Recipe
        </button>
      </div>
      {run.sha256 && (
        <p class="hash">
          SHA-256 <code data-testid="model-hash">{run.sha256}</code>
        </p>
      )}
      {run.warnings.map((warning) => (
        <p class="hint" key={warning}>
          {warning}
        </p>
      ))}
    </div>
  );
}
