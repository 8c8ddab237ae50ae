import type { Recipe } from '@espalier/core';

/** Options that weights alone have a use for. */
const ofWeights: readonly string[] = ['granularity', 'bits', 'weightRange', 'exclude'];

/**
 * A recipe for a model that there are no data for: static quantization, which measures activations, becomes that of weights
 * alone. Any other recipe is as it was.
 */
export function withoutData(recipe: Recipe): Recipe {
  let changed = false;
  const steps = recipe.steps.map((step) => {
    const { pass, options = {}, ...rest } = typeof step === 'string' ? { pass: step } : step;
    const mode = options['mode'] ?? 'static';
    if (pass !== 'quantize' || mode !== 'static') return step;
    changed = true;
    const kept = Object.entries(options).filter(([name]) => ofWeights.includes(name));
    return { ...rest, pass, options: { ...Object.fromEntries(kept), mode: 'weight-only' } };
  });
  return changed ? { ...recipe, steps } : recipe;
}
