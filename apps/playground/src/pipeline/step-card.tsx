import type { JSX } from 'preact';
import type { PassInfo } from '../studio/api.js';
import { OptionField } from './option-field.js';
import { membersOf } from './schema-kind.js';
import { type StepState, withOption } from './steps.js';

interface StepCardProps {
  readonly step: StepState;
  readonly index: number;
  readonly count: number;
  /** Null for a pass that is not known. */
  readonly info: PassInfo | null;
  /** Why it runs at another place than here; empty where it runs here. */
  readonly order: readonly string[];
  /** What core refuses in it. */
  readonly refused: string | null;
  onMove(to: number): void;
  onRemove(): void;
  onChange(step: StepState): void;
  onGrab(): void;
  onOver(): void;
  onDrop(): void;
}

/** One pass of a pipeline: its options, and where it stands. */
export function StepCard(props: StepCardProps): JSX.Element {
  const { step, index, count, info, order, refused, onMove, onRemove, onChange } = props;
  const changed = Object.keys(step.options).length;
  return (
    <li
      class="step"
      onDragOver={(event) => {
        event.preventDefault();
        props.onOver();
      }}
      onDrop={(event) => {
        event.preventDefault();
        props.onDrop();
      }}
    >
      <div class="step-head">
        <span
          class="grip"
          draggable
          aria-hidden="true"
          onDragStart={(event) => {
            event.dataTransfer?.setData('text/plain', step.pass);
            props.onGrab();
          }}
        >
          ⠿
        </span>
        <span class="step-number">{index + 1}</span>
        <h3>{step.pass}</h3>
        {info && <span class="tag">{info.effect}</span>}
        <span class="step-buttons">
          <button
            type="button"
            class="icon-button"
            disabled={index === 0}
            aria-label={`Move ${step.pass} up`}
            onClick={() => onMove(index - 1)}
          >
            ↑
          </button>
          <button
            type="button"
            class="icon-button"
            disabled={index === count - 1}
            aria-label={`Move ${step.pass} down`}
            onClick={() => onMove(index + 1)}
          >
            ↓
          </button>
          <button type="button" class="icon-button" aria-label={`Remove ${step.pass}`} onClick={onRemove}>
            ×
          </button>
        </span>
      </div>
      {info && <p class="hint">{info.about}</p>}
      {order.map((why) => (
        <p class="step-order" key={why}>
          {why}
        </p>
      ))}
      {refused && (
        <p class="step-refused" role="alert">
          {refused}
        </p>
      )}
      {info && membersOf(info.schema).length > 0 && (
        <details class="options">
          <summary>Options{changed > 0 && <span class="badge">{changed} set</span>}</summary>
          <div class="fields">
            {membersOf(info.schema).map(([name, schema]) => (
              <OptionField
                key={name}
                name={name}
                schema={schema}
                value={step.options[name]}
                onChange={(value) =>
                  onChange({ ...step, options: withOption(step.options, name, value, schema['default']) })
                }
              />
            ))}
          </div>
        </details>
      )}
    </li>
  );
}
