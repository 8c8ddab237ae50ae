import { isDeepStrictEqual } from 'node:util';
import { PASS, resolveAll } from '@espalier/core';
import type { Clause } from '../clause.js';
import { namesOf, type PluginSubject } from './subject.js';

/** Two compressors in one page, in any order, each with all of it. */
export const registersTheSameEachTime: Clause<PluginSubject> = {
  name: 'registers-the-same-each-time',
  promise: 'it registers something, and the same for each compressor, with no pass shared by two runs',
  fix: 'Register in register(), into the container it is given; make passes in `useFactory`.',
  breach({ register }) {
    const [first, second] = [register(), register()];
    const [was, now] = [namesOf(first), namesOf(second)];
    if (!isDeepStrictEqual(was, now)) return 'it registers something else the second time';
    const passes = resolveAll(first.container, PASS);
    const again = new Set(resolveAll(first.container, PASS));
    const shared = passes.find((pass) => again.has(pass));
    return shared === undefined ? null : `two runs would get one and the same pass "${shared.name}"`;
  },
};
