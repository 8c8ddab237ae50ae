import {
  CALIBRATOR,
  type Calibrator,
  type Container,
  createContainer,
  createRegistry,
  ENCODING,
  type EncodingKind,
  FORMAT,
  type Format,
  INVARIANT,
  type Invariant,
  KERNEL,
  type OperatorKernel,
  PASS_PLUGIN,
  type PassPlugin,
  type Plugin,
  RECIPE,
  type Recipe,
  resolveAll,
  type Token,
} from '@espalier/core';

/** A plugin by itself: what it says of itself, and what it registers. */
export interface PluginSubject {
  readonly plugin: Plugin;
  /** Registers the plugin into an empty container. */
  register(): Contributions;
}

/** What one plugin registers, and nothing of core or others. */
export interface Contributions {
  readonly passes: readonly PassPlugin[];
  readonly encodings: readonly EncodingKind[];
  readonly formats: readonly Format[];
  readonly calibrators: readonly Calibrator[];
  readonly recipes: readonly Recipe[];
  readonly invariants: readonly Invariant[];
  readonly kernels: readonly OperatorKernel[];
  readonly container: Container;
}

export function contributionsOf(plugin: Plugin): Contributions {
  const container = createContainer();
  plugin.register(container);
  const all = <T>(token: Token<T>): readonly T[] => resolveAll(container, token);
  return {
    passes: all(PASS_PLUGIN),
    encodings: all(ENCODING),
    formats: all(FORMAT),
    calibrators: all(CALIBRATOR),
    recipes: all(RECIPE),
    invariants: all(INVARIANT),
    kernels: all(KERNEL),
    container,
  };
}

/** Names of all it brings, by what they name. */
export function namesOf(
  contributions: Contributions,
): Readonly<
  Record<'pass' | 'encoding' | 'format' | 'calibrator' | 'recipe' | 'invariant' | 'kernel', readonly string[]>
> {
  const { passes, encodings, formats, calibrators, recipes, invariants, kernels } = contributions;
  return {
    pass: passes.map(({ id }) => id),
    encoding: encodings.map(({ kind }) => kind),
    format: formats.map(({ name }) => name),
    calibrator: calibrators.map(({ name }) => name),
    recipe: recipes.map(({ name = '' }) => name),
    invariant: invariants.map(({ name }) => name),
    kernel: kernels.map(({ domain, op }) => `${domain}.${op}`),
  };
}

/** Names that core has taken. */
export function coreNames(): ReturnType<typeof namesOf> {
  const container = createRegistry([]);
  return namesOf({
    ...contributionsOf({ id: 'nothing', apiVersion: 0, register() {} }),
    encodings: resolveAll(container, ENCODING),
    invariants: resolveAll(container, INVARIANT),
  });
}
