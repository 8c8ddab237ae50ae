import type { Recipe } from '@espalier/core';

/** One card: a pass, and the options that are not as by default. */
export interface StepState {
  /** Tells cards apart while they move. */
  readonly key: number;
  readonly pass: string;
  readonly options: Readonly<Record<string, unknown>>;
}

let lastKey = 0;

export function stepState(pass: string, options: Readonly<Record<string, unknown>> = {}): StepState {
  return { key: ++lastKey, pass, options };
}

/** The steps of a recipe that are taken with the given data, as cards. */
export function stepsFrom(recipe: Recipe, roles: readonly string[]): readonly StepState[] {
  return recipe.steps.flatMap((step) => {
    if (typeof step === 'string') return [stepState(step)];
    const { pass, options = {}, when, unless } = step;
    const taken =
      (when === undefined || roles.includes(when)) && (unless === undefined || !roles.includes(unless));
    return taken ? [stepState(pass, options)] : [];
  });
}

/** Cards as a recipe: a pass without options is its name. */
export function recipeFrom(steps: readonly StepState[], name: string): Recipe {
  return {
    name,
    steps: steps.map(({ pass, options }) => (Object.keys(options).length === 0 ? pass : { pass, options })),
  };
}

/** One card at another place. */
export function moveStep(steps: readonly StepState[], from: number, to: number): readonly StepState[] {
  const moved = steps[from];
  if (moved === undefined || to < 0 || to >= steps.length) return steps;
  const rest = steps.filter((_, i) => i !== from);
  return [...rest.slice(0, to), moved, ...rest.slice(to)];
}

/** An option at another value; back at its default it is left out. */
export function withOption(
  options: Readonly<Record<string, unknown>>,
  name: string,
  value: unknown,
  fallback: unknown,
): Readonly<Record<string, unknown>> {
  const { [name]: _, ...rest } = options;
  return JSON.stringify(value) === JSON.stringify(fallback) ? rest : { ...rest, [name]: value };
}
