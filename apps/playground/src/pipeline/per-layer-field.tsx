import type { JsonSchema } from '@espalier/core';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { opened } from '../workbench/workbench.js';
import type { FieldProps } from './field-props.js';
import { ScalarInput } from './scalar-input.js';

interface PerLayerProps extends FieldProps {
  readonly inner: JsonSchema;
  readonly about: string;
}

type Values = Readonly<Record<string, unknown>>;

/** An option that is one value, or one for each operator or layer. */
export function PerLayerField({ name, schema, inner, about, value, onChange }: PerLayerProps): JSX.Element {
  const id = useId();
  const shown = value === undefined ? schema['default'] : value;
  const isSplit = typeof shown === 'object' && shown !== null;
  const fallback = typeof schema['default'] === 'object' ? undefined : schema['default'];
  return (
    <div class="field">
      <div class="field-head">
        <label class="field-name" for={isSplit ? undefined : id}>
          {name}
        </label>
        <button
          type="button"
          class="link"
          onClick={() =>
            onChange(isSplit ? ((shown as Values)['default'] ?? fallback) : { default: shown ?? fallback })
          }
        >
          {isSplit ? 'one for all' : 'by layer'}
        </button>
      </div>
      {isSplit ? (
        <Rows id={id} values={shown as Values} inner={inner} fallback={fallback} onChange={onChange} />
      ) : (
        <ScalarInput id={id} schema={inner} value={shown} onChange={onChange} />
      )}
      <p class="hint">{about}</p>
    </div>
  );
}

/** A row for each operator or layer that is named. */
function Rows(props: {
  readonly id: string;
  readonly values: Values;
  readonly inner: JsonSchema;
  readonly fallback: unknown;
  onChange(values: Values): void;
}): JSX.Element {
  const { id, values, inner, fallback, onChange } = props;
  const entries = Object.entries(values);
  const view = opened.value?.view;
  const names = new Set(['default', ...(view?.weights.flatMap(({ op, name }) => [op, name]) ?? [])]);
  const rename = (from: string, to: string): void =>
    onChange(Object.fromEntries(entries.map(([key, one]) => [key === from ? to : key, one])));
  return (
    <div class="rows">
      <datalist id={`${id}-names`}>
        {[...names].map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      {entries.map(([key, one], i) => (
        <div class="row" key={`${i}`}>
          <input
            class="input"
            list={`${id}-names`}
            value={key}
            aria-label="Operator or layer"
            onChange={({ currentTarget }) => rename(key, currentTarget.value.trim() || key)}
          />
          <ScalarInput
            label={`Value of ${key}`}
            schema={inner}
            value={one}
            onChange={(next) => onChange({ ...values, [key]: next ?? fallback })}
          />
          <button
            type="button"
            class="icon-button"
            aria-label={`Remove ${key}`}
            onClick={() => onChange(Object.fromEntries(entries.filter(([other]) => other !== key)))}
          >
            ×
          </button>
        </div>
      ))}
      <button
        type="button"
        class="link"
        onClick={() => {
          const free = [...names].find((one) => !Object.hasOwn(values, one)) ?? 'layer';
          onChange({ ...values, [free]: fallback });
        }}
      >
        Add a layer
      </button>
    </div>
  );
}
