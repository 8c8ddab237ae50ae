import { isDeepStrictEqual } from 'node:util';
import type { Clause } from '../clause.js';
import type { PassSubject } from './job.js';

/** Recipes are files, and a page sends options to a worker: what JSON loses, users lose. */
export const optionsSurviveJson: Clause<PassSubject> = {
  name: 'options-survive-json',
  promise: 'its options and their schema come back from JSON as they were',
  fix: 'Use booleans, finite numbers, texts, lists and plain objects. Name data sets by role; leave functions to code.',
  breach({ plugin, options }) {
    const schema = plugin.options.schema();
    if (!isDeepStrictEqual(throughJson(schema), schema)) return 'JSON loses a part of the schema';
    for (const [key, entry] of Object.entries(plugin.options.table as object)) {
      const { default: value } = entry as { default: unknown }; // an option table holds options
      if (!isDeepStrictEqual(throughJson(value), value))
        return `the default of "${key}" is ${show(value)}, and ${show(throughJson(value))} once it was JSON`;
    }
    for (const set of [undefined, ...options]) {
      const step = plugin(set as never); // the table checks it
      const back = plugin(throughJson(step.options) as never);
      if (!isDeepStrictEqual(back.options, step.options))
        return `${show(step.options)} becomes ${show(back.options)}`;
    }
    return null;
  },
};

function throughJson(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}

function show(value: unknown): string {
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return JSON.stringify(value);
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}
