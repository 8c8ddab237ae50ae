import { OptionsError } from '../errors/errors.js';
import type { Options } from './options.js';

/** A JSON Schema, as far as option tables need one. */
export type JsonSchema = { readonly [key: string]: unknown };

/** One entry of an option table: its default, what it is for, its check and its schema. */
export interface Option<T> {
  readonly default: T;
  /** One sentence for docs, `--help` and forms. */
  readonly about: string;
  /** The kind of value in a word or two, for messages and tables. */
  readonly kind: string;
  /** The options in it, where it is a group. */
  readonly members?: Readonly<Record<string, Option<unknown>>>;
  /** @throws {OptionsError} naming `path` when `value` is not of this kind or out of range */
  check(value: unknown, path: string): T;
  schema(): JsonSchema;
}

interface Common<T> {
  readonly default: T;
  readonly about?: string;
}

interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** Exclusive lower bound. */
  readonly above?: number;
  /** Exclusive upper bound. */
  readonly below?: number;
}

/**
 * A value, or one for each operator (`Conv`) or layer (its weight's name, in which `*` stands for any
 * characters); `default` for the rest.
 */
export type PerOp<T> = T | Readonly<Record<string, T>>;

function wrong(path: string, value: unknown, wanted: string): OptionsError {
  return new OptionsError({
    what: `The option "${path}" is ${show(value)}.`,
    where: path,
    fix: `Pass ${wanted}.`,
  });
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value)?.slice(0, 80) ?? String(value));
}

function make<T>(
  spec: Common<T>,
  kind: string,
  schema: JsonSchema,
  accepts: (value: unknown) => value is T,
): Option<T> {
  return {
    default: spec.default,
    about: spec.about ?? '',
    kind,
    check(value, path) {
      if (!accepts(value)) throw wrong(path, value, kind);
      return value;
    },
    schema: () => ({
      ...schema,
      default: spec.default,
      ...(spec.about === undefined ? {} : { description: spec.about }),
    }),
  };
}

function rangeText({ min, max, above, below }: NumberRange): string {
  const bounds = [
    ...(min === undefined ? [] : [`>= ${min}`]),
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(max === undefined ? [] : [`<= ${max}`]),
    ...(below === undefined ? [] : [`< ${below}`]),
  ];
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`;
}

function rangeSchema({ min, max, above, below }: NumberRange): JsonSchema {
  return {
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(above === undefined ? {} : { exclusiveMinimum: above }),
    ...(below === undefined ? {} : { exclusiveMaximum: below }),
  };
}

function inRange(x: number, { min, max, above, below }: NumberRange): boolean {
  return (
    x >= (min ?? -Infinity) && x <= (max ?? Infinity) && x > (above ?? -Infinity) && x < (below ?? Infinity)
  );
}

function number(spec: Common<number> & NumberRange): Option<number> {
  const accepts = (x: unknown): x is number =>
    typeof x === 'number' && Number.isFinite(x) && inRange(x, spec);
  return make(spec, `a number${rangeText(spec)}`, { type: 'number', ...rangeSchema(spec) }, accepts);
}

function integer(spec: Common<number> & NumberRange): Option<number> {
  const accepts = (x: unknown): x is number =>
    typeof x === 'number' && Number.isSafeInteger(x) && inRange(x, spec);
  return make(spec, `a whole number${rangeText(spec)}`, { type: 'integer', ...rangeSchema(spec) }, accepts);
}

function boolean(spec: Common<boolean>): Option<boolean> {
  return make(spec, 'true or false', { type: 'boolean' }, (x): x is boolean => typeof x === 'boolean');
}

function text(spec: Common<string> & { readonly suggestions?: readonly string[] }): Option<string> {
  const { suggestions } = spec;
  const kind = suggestions === undefined ? 'a text' : `a text, such as ${suggestions.map(quote).join(', ')}`;
  const schema = { type: 'string', ...(suggestions === undefined ? {} : { examples: suggestions }) };
  return make(spec, kind, schema, (x): x is string => typeof x === 'string');
}

function quote(word: string): string {
  return `"${word}"`;
}

function oneOf<const T extends string>(values: readonly T[], spec: Common<NoInfer<T>>): Option<T> {
  const kind = `one of ${values.map(quote).join(', ')}`;
  return make<T>(spec, kind, { enum: values }, (x): x is T => values.includes(x as T));
}

function list<T>(item: Option<T>, spec: Common<readonly T[]> = { default: [] }): Option<readonly T[]> {
  return {
    default: spec.default,
    about: spec.about ?? '',
    kind: `a list, each ${item.kind}`,
    check(value, path) {
      if (!Array.isArray(value)) throw wrong(path, value, this.kind);
      return value.map((entry, i) => item.check(entry, `${path}[${i}]`));
    },
    schema() {
      return {
        type: 'array',
        items: item.schema(),
        default: spec.default,
        ...(this.about ? { description: this.about } : {}),
      };
    },
  };
}

/** Options that belong together, as an object with a table of its own. What is left out has its default. */
function group<T extends object>(inner: Options<T>, spec: { readonly about?: string } = {}): Option<T> {
  return {
    default: inner.defaults,
    about: spec.about ?? '',
    kind: 'an object of options',
    members: inner.table,
    check: (value, path) => inner.parse(value, path),
    schema() {
      return {
        ...inner.schema(),
        default: inner.defaults,
        ...(this.about ? { description: this.about } : {}),
      };
    },
  };
}

/** null stands for "not set". */
function nullable<T>(inner: Option<T>, spec: { readonly about?: string } = {}): Option<T | null> {
  return {
    default: null,
    about: spec.about ?? inner.about,
    kind: `${inner.kind}, or null`,
    ...(inner.members === undefined ? {} : { members: inner.members }),
    check: (value, path) => (value === null ? null : inner.check(value, path)),
    schema() {
      const { default: _, ...schema } = inner.schema();
      return {
        anyOf: [schema, { type: 'null' }],
        default: null,
        ...(this.about ? { description: this.about } : {}),
      };
    },
  };
}

function perOp<T extends number | string | boolean | null>(inner: Option<T>): Option<PerOp<T>> {
  return {
    default: inner.default,
    about: inner.about,
    kind: `${inner.kind}, or an object with one for each operator or layer`,
    check(value, path) {
      if (typeof value !== 'object' || value === null) return inner.check(value, path);
      if (Array.isArray(value)) throw wrong(path, value, this.kind);
      const entries = Object.entries(value).map(
        ([key, entry]) => [key, inner.check(entry, `${path}.${key}`)] as const,
      );
      return Object.freeze(Object.fromEntries(entries));
    },
    schema() {
      const { default: value, description, ...schema } = inner.schema();
      const anyOf = [schema, { type: 'object', additionalProperties: schema }];
      return { anyOf, default: value, ...(description === undefined ? {} : { description }) };
    },
  };
}

/** Builders of the entries of an option table. */
export const option: {
  readonly number: typeof number;
  readonly integer: typeof integer;
  readonly boolean: typeof boolean;
  readonly text: typeof text;
  readonly oneOf: typeof oneOf;
  readonly list: typeof list;
  readonly group: typeof group;
  readonly nullable: typeof nullable;
  readonly perOp: typeof perOp;
} = { number, integer, boolean, text, oneOf, list, group, nullable, perOp };
