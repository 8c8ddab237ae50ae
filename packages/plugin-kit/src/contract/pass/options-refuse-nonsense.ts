import { OptionsError } from '@espalier/core';
import { type Clause, describeError } from '../clause.js';
import type { PassSubject } from './job.js';

/** No option takes these. */
const nonsense: readonly unknown[] = [{ nonsense: {} }, [[{}]]];

/** A slip in a recipe is told with the option's name, before anything runs. */
export const optionsRefuseNonsense: Clause<PassSubject> = {
  name: 'options-refuse-nonsense',
  promise: 'it refuses unknown options and values of the wrong kind, by name',
  fix: 'Make the table with defineOptions and option.*; in checks of your own throw an OptionsError that names the path.',
  breach({ plugin }) {
    const { options, id } = plugin;
    for (const input of [null, 3, 'text', []]) {
      const found = refusal(() => options.parse(input, id), null);
      if (found !== null) return `for ${JSON.stringify(input)} in place of options ${found}`;
    }
    const unknown = 'noSuchOption';
    const found = refusal(() => options.parse({ [unknown]: 1 }, id), unknown);
    if (found !== null) return `for an unknown option ${found}`;
    for (const key of Object.keys(options.table as object)) {
      for (const value of nonsense) {
        const wrong = refusal(() => options.parse({ [key]: value }, id), key);
        if (wrong !== null) return `for ${JSON.stringify({ [key]: value })} ${wrong}`;
      }
    }
    return null;
  },
};

/** What is wrong with how it refuses; null where it does as it should. */
function refusal(parse: () => unknown, named: string | null): string | null {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof OptionsError)) return `it throws no OptionsError but ${describeError(error)}`;
    if (named !== null && !error.message.includes(named)) return `its message does not name "${named}"`;
    return error.fix === undefined ? 'its message does not say what to do' : null;
  }
  return 'it throws nothing';
}
