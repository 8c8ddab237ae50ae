import { OptionsError } from '../errors/errors.js';
import { nearest } from '../options/nearest.js';
import { assertKnown } from '../options/options.js';
import type { RunData } from '../pass/dataset.js';
import type { PassPlugin, Step } from '../plugin/plugin.js';

/** A pipeline as JSON. `espalier.config.json` holds one. */
export interface Recipe {
  readonly name?: string;
  /** One sentence: what it is for and what it costs. */
  readonly about?: string;
  /** Packages to load before it is read, by name. */
  readonly plugins?: readonly string[];
  readonly seed?: number | string;
  /** Data sets by role, as paths that the command resolves. */
  readonly data?: Readonly<Partial<Record<'train' | 'calibration' | 'holdout', string>>>;
  readonly steps: readonly RecipeStep[];
}

/** A pass with its defaults, or with some options. */
export type RecipeStep = string | RecipeEntry;

export interface RecipeEntry {
  readonly pass: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** Taken only where the run has data of this role. */
  readonly when?: keyof RunData;
  /** Taken only where the run has no data of this role. */
  readonly unless?: keyof RunData;
}

const roles: readonly (keyof RunData)[] = ['train', 'calibration', 'holdout'];

const recipeKeys = ['$schema', 'name', 'about', 'plugins', 'seed', 'data', 'steps'];

/**
 * Checks what was read from a recipe file. Its steps are checked by `stepsOf`, once its plugins are loaded.
 *
 * @param where - the file, for messages
 * @throws {OptionsError} for anything a recipe can't hold
 */
export function parseRecipe(input: unknown, where = 'recipe'): Recipe {
  if (!isRecord(input)) throw wrong(where, 'it is no object', 'Write { "steps": [ … ] }.');
  assertKnown(Object.keys(input), recipeKeys, where);
  const { name, about, plugins, seed, data, steps } = input;
  if (!isOptionalText(name) || !isOptionalText(about))
    throw wrong(where, '"name" or "about" is no text', 'Put it in quotes, or leave it out.');
  if (seed !== undefined && typeof seed !== 'number' && typeof seed !== 'string')
    throw wrong(where, '"seed" is no number or text', 'Write a number, or leave it out.');
  if (plugins !== undefined && !isTextList(plugins))
    throw wrong(where, '"plugins" is no list of package names', 'Write [ "package", … ].');
  if (data !== undefined && !isRecord(data)) throw wrong(where, '"data" is no object', 'Give paths by role.');
  if (data !== undefined) assertKnown(Object.keys(data), roles, `${where}, data`);
  if (!Array.isArray(steps) || steps.length === 0)
    throw wrong(where, 'it has no list of "steps"', 'Write { "steps": [ "prune", … ] }.');
  return Object.freeze({
    ...input,
    steps: steps.map((step, i) => parseStep(step, `${where}, steps[${i}]`)),
  }) as Recipe; // each key was checked
}

function parseStep(step: unknown, where: string): RecipeStep {
  if (typeof step === 'string') return step;
  if (!isRecord(step) || typeof step['pass'] !== 'string') {
    throw wrong(
      where,
      'a step is a pass name or { "pass", "options" }',
      'Write "prune" or { "pass": "prune", "options": { … } }.',
    );
  }
  assertKnown(Object.keys(step), ['pass', 'options', 'when', 'unless'], where);
  const options = step['options'];
  if (options !== undefined && !isRecord(options))
    throw wrong(where, '"options" is no object', 'Write { "name": value }.');
  for (const key of ['when', 'unless'])
    if (step[key] !== undefined && !roles.some((role) => role === step[key]))
      throw wrong(where, `"${key}" names no role of data`, `Write one of ${roles.join(', ')}.`);
  return step as unknown as RecipeEntry; // each key was checked
}

/**
 * The steps of a recipe with checked options, as far as they are taken with these data.
 *
 * @throws {OptionsError} for a pass that no plugin brings, or options it refuses
 */
export function stepsOf(
  recipe: Recipe,
  plugins: readonly PassPlugin[],
  data: Readonly<Partial<Record<keyof RunData, unknown>>> = {},
): readonly Step[] {
  const entries = recipe.steps.map((step): RecipeEntry => (typeof step === 'string' ? { pass: step } : step));
  // All are checked, also those that other data would call for.
  const steps = entries.map(({ pass, options }) => findPlugin(pass, plugins)(options));
  return steps.filter((_, i) => {
    const { when, unless } = entries[i] as RecipeEntry; // one for each step
    return (
      (when === undefined || data[when] !== undefined) && (unless === undefined || data[unless] === undefined)
    );
  });
}

/**
 * The steps that a caller lists: made by plugins, or names of passes, which then have their defaults.
 *
 * @throws {OptionsError} for what is no step, and a pass that no plugin brings
 */
export function listedSteps(
  steps: readonly (Step | string)[],
  plugins: readonly PassPlugin[],
): readonly Step[] {
  return steps.map((step: unknown, i) => {
    if (typeof step === 'string') return findPlugin(step, plugins)();
    // A plugin checked its options when it made it.
    if (isRecord(step) && typeof step['pass'] === 'string' && isRecord(step['options']))
      return step as unknown as Step;
    throw new OptionsError({
      what: `The steps can't be run: one of them is ${typeof step === 'function' ? 'a plugin that was not called' : 'no step'}.`,
      where: `steps[${i}]`,
      fix: 'List what plugins give, such as huffman(), or names of passes, such as "huffman".',
    });
  });
}

/** The plugin of a pass. @throws {OptionsError} with the names there are */
export function findPlugin(pass: string, plugins: readonly PassPlugin[]): PassPlugin {
  const found = plugins.find(({ id }) => id === pass);
  if (found !== undefined) return found;
  const names = plugins.map(({ id }) => id);
  const guess = nearest(pass, names);
  throw new OptionsError({
    what: `There is no pass "${pass}".`,
    fix: `${guess === null ? '' : `Did you mean "${guess}"? `}Known: ${names.join(', ') || 'none'}. A plugin that brings it must be listed.`,
  });
}

function wrong(where: string, what: string, fix: string): OptionsError {
  return new OptionsError({ what: `The recipe can't be used: ${what}.`, where, fix });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
