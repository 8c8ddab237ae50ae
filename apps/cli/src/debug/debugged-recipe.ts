import type { Compressor, Recipe, Step } from '@espalier/core';
import { equalizeStep, type Settings, type Surroundings } from './quantized-run.js';

/** The recipe with other settings. */
export function recipeOf(
  passes: Compressor['passes'],
  { before, behind }: Surroundings,
  { quantize, equalize }: Settings,
  about: string,
): Recipe {
  const steps: Step[] = [
    ...before,
    ...(equalize ? [equalizeStep] : []),
    { pass: 'quantize', options: quantize },
    ...behind,
  ];
  return { name: 'debugged', about, steps: steps.map((step) => shortStep(passes, step)) };
}

/** What is left at its default is not written. */
function shortStep(passes: Compressor['passes'], { pass, options }: Step): Recipe['steps'][number] {
  const defaults = passes.find(({ id }) => id === pass)?.options.defaults ?? {};
  const standard = new Map(Object.entries(defaults).map(([key, value]) => [key, JSON.stringify(value)]));
  const given = Object.entries(options ?? {}).filter(
    ([key, value]) => JSON.stringify(value) !== standard.get(key),
  );
  return given.length === 0 ? pass : { pass, options: Object.fromEntries(given) };
}

/** As a file. */
export function encoded(recipe: Recipe): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(recipe, null, 2)}\n`);
}
