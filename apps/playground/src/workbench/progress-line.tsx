import type { JSX } from 'preact';
import type { Runner } from './runner.js';

/** How far a run is, with a way out; nothing where none goes on. */
export function ProgressLine({
  runner,
  label,
}: {
  readonly runner: Runner;
  readonly label: string;
}): JSX.Element {
  const now = runner.progress.value;
  return (
    <div class="progress-line" aria-live="polite">
      {now && (
        <>
          <span class="progress-what">{now.what}</span>
          <progress max={1} value={now.share} aria-label={label} />
          <button type="button" class="button" onClick={() => runner.cancel()}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}
