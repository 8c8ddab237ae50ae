import type { JsonSchema } from '@espalier/core';
import type { JSX } from 'preact';
import { kindOf } from './schema-kind.js';

/** The input of a number, a word or a list. */
export function ScalarInput(props: {
  readonly id?: string;
  readonly label?: string;
  readonly schema: JsonSchema;
  readonly value: unknown;
  onChange(value: unknown): void;
}): JSX.Element {
  const { id, label, schema, value, onChange } = props;
  const named = { ...(id !== undefined && { id }), ...(label !== undefined && { 'aria-label': label }) };
  const kind = kindOf(schema);
  if (kind.kind === 'choice') {
    return (
      <select
        {...named}
        class="input"
        value={String(value)}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {kind.values.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    );
  }
  if (kind.kind === 'number') {
    return (
      <input
        {...named}
        class="input"
        type="number"
        inputMode="decimal"
        step={kind.whole ? 1 : 'any'}
        min={kind.least}
        max={kind.most}
        value={typeof value === 'number' ? value : ''}
        onChange={({ currentTarget }) =>
          // Left empty it is as by default; what is out of range core refuses by name.
          onChange(currentTarget.value === '' ? undefined : Number(currentTarget.value))
        }
      />
    );
  }
  const isList = kind.kind === 'list';
  const text =
    isList && Array.isArray(value)
      ? value.join(', ')
      : value === null || value === undefined
        ? ''
        : String(value);
  return (
    <input
      {...named}
      class="input"
      type="text"
      value={text}
      placeholder={isList ? 'none' : undefined}
      onChange={({ currentTarget }) =>
        onChange(isList ? listOf(currentTarget.value, kind.numbers) : currentTarget.value)
      }
    />
  );
}

function listOf(text: string, numbers: boolean): readonly unknown[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return numbers ? parts.map(Number) : parts;
}
