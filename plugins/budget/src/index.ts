export { type BudgetOptions, budgetOptions } from './options.js';
export { budget } from './plugin.js';
