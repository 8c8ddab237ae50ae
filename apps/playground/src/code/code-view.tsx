import type { EditorView } from '@codemirror/view';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { OpenFile } from '../model/open-file.js';
import { download } from '../shell/download.js';
import { FailureMessage } from '../shell/message.js';
import { beginWork, opened } from '../workbench/workbench.js';
import { CodeResult } from './code-result.js';
import { failure, isRunning, runCode, timeLimit, timeLimits } from './code-runner.js';
import { firstPass } from './first-pass.js';

/** The text outlives the view: who looks at another one finds it again. */
let text: string = firstPass;

/** A pass to be edited and run on the open model. */
export function CodePage(): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const problem = useSignal<string | null>(null);
  const isReady = useSignal(false);
  const run = (): void => {
    if (editor.current !== null) text = editor.current.state.doc.toString();
    void runCode(text);
  };
  useEffect(() => {
    beginWork();
    let wanted = true;
    import('./editor.js').then(
      ({ makeEditor }) => {
        if (!wanted || place.current === null) return;
        editor.current = makeEditor(place.current, text, run);
        isReady.value = true;
      },
      () => {
        problem.value = 'The editor could not be fetched. Go online once: after the first time it is kept.';
      },
    );
    return () => {
      wanted = false;
      if (editor.current === null) return;
      text = editor.current.state.doc.toString();
      editor.current.destroy();
    };
  }, []);
  const reset = (): void => {
    const view = editor.current;
    view?.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: firstPass } });
  };
  return (
    <div class="code-view">
      <OpenFile />
      <div class="code-columns">
        <section class="code-editor" aria-label="Editor">
          <div class="code-tools">
            <button
              type="button"
              class="button button-main"
              disabled={isRunning.value || opened.value === null || !isReady.value}
              onClick={run}
            >
              {isRunning.value ? 'Running …' : 'Run the pass'}
            </button>
            <button type="button" class="button" onClick={reset}>
              Begin again
            </button>
            <button
              type="button"
              class="button"
              onClick={() => download('pass.ts', editor.current?.state.doc.toString() ?? text)}
            >
              Download
            </button>
            <label class="code-limit">
              Stop after{' '}
              <select
                class="input"
                value={timeLimit.value}
                onChange={({ currentTarget }) => {
                  timeLimit.value = Number(currentTarget.value);
                }}
              >
                {timeLimits.map((seconds) => (
                  <option key={seconds} value={seconds}>
                    {seconds} s
                  </option>
                ))}
              </select>
            </label>
            <span class="hint">Ctrl + Enter runs it</span>
          </div>
          <FailureMessage
            failure={problem.value === null ? failure.value : { what: problem.value }}
            onClose={() => {
              failure.value = null;
              problem.value = null;
            }}
          />
          <div class="code-place" ref={place}>
            {!isReady.value && <p class="hint code-wait">Fetching the editor …</p>}
          </div>
        </section>
        <CodeResult />
      </div>
    </div>
  );
}
