import { definePassPlugin, EXECUTOR, PASS, type PassPlugin, resolveOptional } from '@espalier/core';
import { BUDGET, BudgetPass } from './budget-pass.js';
import { type BudgetOptions, budgetOptions } from './options.js';

/** Density and bits of each layer under a budget. `plugins: [budget]` installs it, `budget({ maxBytes: 100_000 })` is one step. */
export const budget: PassPlugin<BudgetOptions> = definePassPlugin({
  id: BUDGET,
  about:
    'Prunes and shares the weights of each layer so far that the file takes so many bytes, at the least error.',
  options: budgetOptions,
  register(container) {
    container.register(PASS, { useFactory: (run) => new BudgetPass(resolveOptional(run, EXECUTOR)) });
  },
});
