import type { PassContext } from '@espalier/core';
import type { QuantizeOptions } from '../options.js';
import type { MixedBudget } from '../rounding/mixed-options.js';
import { settingsTable, settled, timesTable } from './form-report.js';
import { FormSearch, type FormTrials } from './form-search.js';

/**
 * The options with a form for each layer, int8, int16 or float32: the most accurate that is found to keep the limit of time; with
 * `maxAccuracyDrop` the fastest that loses no more. Parts of times and of noise are added up to find a choice; what it takes as a
 * whole is timed, and the search goes on from there with what was learned.
 *
 * @throws {OptionsError} when nothing is as fast
 */
export async function withForms(
  trials: FormTrials,
  budget: MixedBudget,
  context: PassContext<QuantizeOptions>,
): Promise<QuantizeOptions> {
  const { table, count, log, options } = context;
  const search = await FormSearch.open(trials, budget, context);
  const found = await search.find();
  const { network, times } = search;
  const { choice } = found;
  if (budget.maxAccuracyDrop !== null && found.drop > budget.maxAccuracyDrop)
    log.warn(
      `quantize: ${found.drop.toPrecision(2)} of the calibration answers are lost in ${found.ms.toFixed(2)} ms, more than ${budget.maxAccuracyDrop}`,
    );
  count('layers.float32', choice.real.size);
  count('values.int16', choice.wide.size);
  const chosen = settled(options, network, choice);
  table(timesTable(network, choice, times, found.ms, search.floatMs));
  table(settingsTable(chosen));
  return chosen;
}
