import type { JSX } from 'preact';
import { download } from '../shell/download.js';
import { count, decibels, duration, percent, times } from '../shell/format.js';
import { opened } from '../workbench/workbench.js';
import { isRunning, lines, outcome } from './code-runner.js';

/** What the pass of the code view did, and what it wrote. */
export function CodeResult(): JSX.Element {
  const run = outcome.value;
  const stem = opened.value?.view.name.replace(/\.[^.]*$/, '') ?? 'model';
  return (
    <section class="code-result" aria-label="Result" aria-busy={isRunning.value}>
      {run === null && (
        <p class="hint">
          A pass is a plugin: <code>definePassPlugin</code> gives it a name, options and a run over the model.
          Run it to see what it does to the open model, with Huffman codes behind it. The code runs in a
          worker of its own.
        </p>
      )}
      {run && (
        <>
          <p class="result-ratio">{times(run.bytesBefore / run.bytes.length)} smaller</p>
          <dl class="code-figures">
            <div>
              <dt>Bytes</dt>
              <dd>{count(run.bytes.length)}</dd>
            </div>
            {run.quality && (
              <div>
                <dt>Read right</dt>
                <dd>
                  {percent(run.quality.right / run.quality.samples)}{' '}
                  <small>from {percent(run.quality.rightBefore / run.quality.samples)}</small>
                </dd>
              </div>
            )}
            <div>
              <dt>Took</dt>
              <dd>{duration(run.elapsedMs)}</dd>
            </div>
          </dl>
          <ul class="code-passes">
            {run.passes.map(({ pass, statistics, modified }) => (
              <li key={pass}>
                <strong>{pass}</strong>{' '}
                {modified
                  ? Object.entries(statistics)
                      .map(([name, value]) => `${name} ${count(value)}`)
                      .join(', ')
                  : 'changed nothing'}
              </li>
            ))}
          </ul>
          <ul class="code-passes">
            {run.layers.slice(0, 40).map(({ name, weightSqnrDb, density }) => (
              <li key={name}>
                {name}: {decibels(weightSqnrDb)}, {percent(density)} not zero
              </li>
            ))}
          </ul>
          <button type="button" class="button" onClick={() => download(`${stem}.espalier`, run.bytes)}>
            Download .espalier
          </button>
        </>
      )}
      {lines.value.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
        <pre class="code-lines" tabIndex={0}>
          {lines.value.join('\n')}
        </pre>
      )}
    </section>
  );
}
