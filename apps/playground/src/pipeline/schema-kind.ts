import type { JsonSchema } from '@espalier/core';

/** What kind of field a schema asks for: core's option tables use no more than these. */
export type SchemaKind =
  | { readonly kind: 'number'; readonly whole: boolean; readonly least?: number; readonly most?: number }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly numbers: boolean }
  | { readonly kind: 'group'; readonly members: Members }
  | { readonly kind: 'nullable'; readonly inner: JsonSchema; readonly first: unknown }
  | { readonly kind: 'per-layer'; readonly inner: JsonSchema }
  | { readonly kind: 'text' };

type Members = readonly (readonly [string, JsonSchema])[];

export function kindOf(schema: JsonSchema): SchemaKind {
  const [first, second] = Array.isArray(schema['anyOf']) ? (schema['anyOf'] as readonly JsonSchema[]) : []; // as core writes it
  if (first !== undefined && second?.['type'] === 'null')
    return { kind: 'nullable', inner: first, first: firstValue(first) };
  if (first !== undefined) return { kind: 'per-layer', inner: first };
  if (Array.isArray(schema['enum'])) return { kind: 'choice', values: schema['enum'].map(String) };
  switch (schema['type']) {
    case 'number':
    case 'integer': {
      const [least, most] = [schema['minimum'], schema['maximum']];
      return {
        kind: 'number',
        whole: schema['type'] === 'integer',
        ...(typeof least === 'number' && { least }),
        ...(typeof most === 'number' && { most }),
      };
    }
    case 'boolean':
      return { kind: 'boolean' };
    case 'array': {
      const { type } = (schema['items'] ?? {}) as JsonSchema; // as core writes it
      return { kind: 'list', numbers: type === 'number' || type === 'integer' };
    }
    case 'object':
      return { kind: 'group', members: membersOf(schema) };
    default:
      return { kind: 'text' };
  }
}

export function membersOf(schema: JsonSchema): Members {
  return Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>); // as core writes it
}

/** What an option that was null is set to when it is switched on. */
function firstValue(schema: JsonSchema): unknown {
  const kind = kindOf(schema);
  if (kind.kind === 'group') return {};
  if (kind.kind === 'number') return kind.least ?? 0;
  if (kind.kind === 'choice') return kind.values[0];
  const [example] = Array.isArray(schema['examples']) ? schema['examples'] : [];
  return example ?? '';
}
