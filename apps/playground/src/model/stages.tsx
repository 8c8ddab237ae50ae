import type { JSX } from 'preact';
import { bytes, decibels, duration, times } from '../shell/format.js';
import type { Outcome } from '../workbench/runner.js';

interface StagesProps {
  readonly outcome: Outcome;
  /** 0 is the model as it came. */
  readonly stage: number;
  onStage(stage: number): void;
}

/** The passes of a run as stops on a line, with the bytes behind each; one of them is looked at. */
export function Stages({ outcome: { run, subject }, stage, onStage }: StagesProps): JSX.Element {
  const largest = run.bytesBefore;
  const stops = [
    { name: subject.view.format, sizeBytes: run.bytesBefore, note: 'as it came' },
    ...run.passes.map(({ pass, sizeBytes, modified, elapsedMs, drift }) => ({
      name: pass,
      sizeBytes,
      note: modified
        ? `${duration(elapsedMs)}${drift ? `, ${decibels(drift.outputSqnrDb)}` : ''}`
        : 'nothing to do',
    })),
  ];
  return (
    <ol class="stages" aria-label="Passes">
      {stops.map(({ name, sizeBytes, note }, i) => (
        <li key={`${i} ${name}`}>
          <button type="button" class="stage" aria-pressed={i === stage} onClick={() => onStage(i)}>
            <span class="stage-name">{name}</span>
            <span class="stage-bytes">{bytes(sizeBytes)}</span>
            <span class="stage-track">
              <span class="stage-bar" style={{ width: `${(100 * sizeBytes) / largest}%` }} />
            </span>
            <span class="stage-note">{i === 0 ? note : `${times(largest / sizeBytes)}, ${note}`}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
