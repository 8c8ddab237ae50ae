import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { download } from '../shell/download.js';
import { count, decibels, duration, percent, times } from '../shell/format.js';
import { SEED } from '../workbench/runner.js';
import { codeFor } from './code-for.js';
import type { Pipeline } from './pipeline.js';

/** What came out of a pipeline, and how to have it. */
export function SideResult({ pipeline }: { readonly pipeline: Pipeline }): JSX.Element {
  const showsCode = useSignal(false);
  const outcome = pipeline.runner.current;
  if (outcome === null)
    return (
      <div class="side-result side-result-empty">
        <p class="hint">Not run yet.</p>
      </div>
    );
  const { run, recipe, subject } = outcome;
  const isOld = JSON.stringify(recipe) !== JSON.stringify(pipeline.recipe);
  const drift = run.passes.at(-1)?.drift;
  const stem = subject.view.name.replace(/\.[^.]*$/, '');
  const code = codeFor(recipe, subject.view.name, SEED);
  return (
    <div class="side-result" aria-busy={isOld}>
      <dl>
        <div>
          <dt>Smaller</dt>
          <dd class="side-ratio">{times(run.bytesBefore / run.bytes.length)}</dd>
        </div>
        <div>
          <dt>Bytes</dt>
          <dd>{count(run.bytes.length)}</dd>
        </div>
        {run.quality && (
          <div>
            <dt>Read right</dt>
            <dd>{percent(run.quality.right / run.quality.samples)}</dd>
          </div>
        )}
        {drift && (
          <div>
            <dt>Output SQNR</dt>
            <dd>{decibels(drift.outputSqnrDb)}</dd>
          </div>
        )}
        <div>
          <dt>Took</dt>
          <dd>{duration(run.elapsedMs)}</dd>
        </div>
      </dl>
      <div class="button-row">
        <button
          type="button"
          class="button"
          onClick={() => download(`${stem}-${recipe.name}.espalier`, run.bytes)}
        >
          Download
        </button>
        <button
          type="button"
          class="button"
          onClick={() => download('recipe.json', `${JSON.stringify(recipe, null, 2)}\n`)}
        >
          Recipe
        </button>
        <button
          type="button"
          class="button"
          aria-expanded={showsCode.value}
          onClick={() => {
            showsCode.value = !showsCode.value;
          }}
        >
          Code
        </button>
      </div>
      {showsCode.value && (
        <div class="code-box">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys */}
          <pre tabIndex={0}>{code}</pre>
          <button type="button" class="button" onClick={() => download('compress.mjs', code)}>
            Download the code
          </button>
        </div>
      )}
      {run.sha256 && (
        <p class="hash">
          <code data-testid={`hash-${pipeline.name}`}>{run.sha256}</code>
        </p>
      )}
    </div>
  );
}
