import {
  type Compressor,
  LOGGER,
  orderSteps,
  PASS,
  type Pass,
  parseRecipe,
  resolveAll,
  silentLogger,
  stepsOf,
} from '@espalier/core';
import type { CheckedRecipe, PassCatalogue, RunTakes } from './api.js';

/** Passes with their forms, recipes and formats of a compressor. */
export function catalogueOf(compressor: Compressor): PassCatalogue {
  const made = passesOf(compressor);
  return {
    passes: compressor.passes.map(({ id, about, options }) => {
      const { effect = 'lossy', after = [], before = [], conflictsWith = [] } = made.get(id) ?? {};
      return { id, about, schema: options.schema(), effect, after, before, conflictsWith };
    }),
    recipes: compressor.recipes,
    formats: compressor.formats
      .filter(({ write }) => write !== undefined)
      .map(({ name, extensions: [extension = ''] }) => ({ name, extension })),
  };
}

/**
 * The order in which a recipe's passes will run.
 *
 * @throws {OptionsError} for anything that a run would refuse
 */
export function checkRecipe(compressor: Compressor, input: unknown, data: RunTakes['data']): CheckedRecipe {
  const roles = {
    ...(data === 'none' ? {} : { holdout: true, calibration: true }),
    ...(data === 'training' && { train: true }),
  };
  const steps = stepsOf(parseRecipe(input, 'the recipe'), compressor.passes, roles);
  const made = passesOf(compressor);
  const passOf = ({ pass }: { readonly pass: string }): Pass => made.get(pass) as Pass; // stepsOf knows them
  return {
    given: steps.map(({ pass }) => pass),
    ordered: orderSteps(steps, passOf).map(({ pass }) => pass),
  };
}

function passesOf({ container }: Compressor): ReadonlyMap<string, Pass> {
  const run = container.createChildContainer();
  run.register(LOGGER, { useValue: silentLogger });
  const passes = new Map(resolveAll(run, PASS).map((pass) => [pass.name, pass]));
  void run.dispose();
  return passes;
}
