import { OptionsError } from '../errors/errors.js';
import { nearest } from './nearest.js';
import type { JsonSchema, Option } from './option.js';

/** Options as they are given: what is left out has its default, in groups of options too. */
export type Given<O> = { readonly [K in keyof O]?: GivenValue<O[K]> };

/** A record has keys of its user's choosing, a group those of its table. */
type GivenValue<V> = V extends readonly unknown[]
  ? V
  : V extends object
    ? string extends keyof V
      ? V
      : Given<V>
    : V;

/** The option table of a pass: types, checks, defaults, docs, schema and forms come from it. */
export interface Options<O> {
  readonly table: { readonly [K in keyof O]-?: Option<O[K]> };
  readonly defaults: Readonly<O>;
  /**
   * Checked options with defaults filled in, frozen.
   *
   * @param owner - whose options they are, for messages
   * @throws {OptionsError} for an unknown key, a wrong type or a value out of range
   */
  parse(input: unknown, owner: string): Readonly<O>;
  /** A JSON Schema of the whole table. */
  schema(): JsonSchema;
}

/** Makes an option table. */
export function defineOptions<O extends object>(
  table: { readonly [K in keyof O]-?: Option<O[K]> },
): Options<O> {
  // Entries made from the keys of the table are an O.
  const keys = Object.keys(table) as (keyof O & string)[];
  const defaults = Object.freeze(
    Object.fromEntries(keys.map((key) => [key, table[key].default])),
  ) as Readonly<O>;
  return {
    table,
    defaults,
    parse(input, owner) {
      if (input === undefined) return defaults;
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        throw new OptionsError({
          what: `The options of ${owner} are no object.`,
          where: owner,
          fix: 'Pass an object of named options.',
        });
      }
      assertKnown(Object.keys(input), keys, owner);
      const given = input as Readonly<Record<string, unknown>>;
      const entries = keys.map((key) => {
        const value = given[key];
        return [key, value === undefined ? table[key].default : table[key].check(value, `${owner}.${key}`)];
      });
      return Object.freeze(Object.fromEntries(entries)) as Readonly<O>; // one entry for each key of the table
    },
    schema: () => ({
      type: 'object',
      properties: Object.fromEntries(keys.map((key) => [key, table[key].schema()])),
      additionalProperties: false,
    }),
  };
}

/** @throws {OptionsError} for the first key that is not one of `known` */
export function assertKnown(keys: readonly string[], known: readonly string[], owner: string): void {
  const unknown = keys.find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const guess = nearest(unknown, known);
  throw new OptionsError({
    what: `${owner} has no option "${unknown}".`,
    where: owner,
    fix:
      guess === null
        ? `Known: ${known.join(', ') || 'none'}.`
        : `Did you mean "${guess}"? Known: ${known.join(', ')}.`,
  });
}

/** The options of a table by name, those of a group behind it: `retrain.epochs`. */
export function optionEntries<O>({ table }: Options<O>): readonly (readonly [string, Option<unknown>])[] {
  const listed = (
    entries: Readonly<Record<string, Option<unknown>>>,
    prefix: string,
  ): readonly (readonly [string, Option<unknown>])[] =>
    Object.entries(entries).flatMap(([name, entry]) => [
      [`${prefix}${name}`, entry],
      ...listed(entry.members ?? {}, `${prefix}${name}.`),
    ]);
  return listed(table, '');
}

/** A Markdown table of the options, its columns aligned, for READMEs and docs. */
export function optionsTable<O>(options: Options<O>): string {
  const rows = optionEntries(options).map(([name, entry]) => [
    `\`${name}\``,
    entry.kind,
    `\`${JSON.stringify(entry.default)}\``,
    entry.about,
  ]);
  const head = ['option', 'value', 'default', 'what it does'];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}
