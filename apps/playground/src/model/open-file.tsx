import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { bytes, count } from '../shell/format.js';
import { FailureMessage } from '../shell/message.js';
import { opened, openFailure, openFile, opening } from '../workbench/workbench.js';

/** What is open, and the way to open something else. */
export function OpenFile(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const subject = opened.value;
  return (
    <header class="open-file">
      <div class="open-file-head">
        <div>
          <h1 class="model-title">{subject?.view.name ?? 'A model'}</h1>
          <p class="hint" aria-live="polite">
            {opening.value !== null
              ? `Reading ${opening.value} …`
              : subject &&
                `${subject.view.format}, ${bytes(subject.view.fileBytes)}, ${count(subject.view.parameters)} parameters, ${count(subject.view.nodes.length)} nodes`}
          </p>
        </div>
        <div>
          <button type="button" class="button" onClick={() => input.current?.click()}>
            Open a model …
          </button>
          <input
            ref={input}
            class="visually-hidden"
            type="file"
            accept=".onnx,.tflite,.espalier"
            tabIndex={-1}
            aria-label="Model file"
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file !== undefined) void openFile(file);
              currentTarget.value = '';
            }}
          />
        </div>
      </div>
      <p class="hint">ONNX, TensorFlow Lite or .espalier; drop one anywhere. It stays in this page.</p>
      <FailureMessage failure={openFailure.value} onClose={() => (openFailure.value = null)} />
    </header>
  );
}
