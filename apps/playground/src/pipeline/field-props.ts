import type { JsonSchema } from '@espalier/core';

/** What a field of the form is given. */
export interface FieldProps {
  readonly name: string;
  readonly schema: JsonSchema;
  /** Undefined stands for the default. */
  readonly value: unknown;
  onChange(value: unknown): void;
}
