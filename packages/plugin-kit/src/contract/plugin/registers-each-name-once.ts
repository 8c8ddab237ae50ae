import type { Clause } from '../clause.js';
import { coreNames, namesOf, type PluginSubject } from './subject.js';

/** Of two things of one name only one is ever found. */
export const registersEachNameOnce: Clause<PluginSubject> = {
  name: 'registers-each-name-once',
  promise: 'it registers each name once, and none that core has',
  fix: 'Register it once, in register() and nowhere else; choose a name of your own.',
  breach({ register }) {
    const [own, core] = [namesOf(register()), coreNames()];
    for (const what of Object.keys(own) as (keyof typeof own)[]) {
      const twice = own[what].find((name, i) => own[what].indexOf(name) !== i);
      if (twice !== undefined) return `it registers the ${what} "${twice}" twice`;
      const taken = own[what].find((name) => core[what].includes(name));
      if (taken !== undefined) return `it registers the ${what} "${taken}", which is core's`;
    }
    return null;
  },
};
