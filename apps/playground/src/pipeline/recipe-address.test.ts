import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromAddress, toAddress } from './recipe-address.js';
import { stepState } from './steps.js';

test('steps come back from an address as they went in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.dictionary(fc.string(), fc.jsonValue())), {
        maxLength: 4,
      }),
      (given) => {
        const steps = given.map(([pass, options]) => stepState(pass, options));
        const address = toAddress(steps);
        if (address === null) return;
        expect(address).toMatch(/^[\w-]*$/);
        const { steps: read } = fromAddress(address) as { steps: unknown };
        const wanted = steps.map(({ pass, options }) =>
          Object.keys(options).length === 0 ? pass : { pass, options },
        );
        expect(read).toEqual(JSON.parse(JSON.stringify(wanted)));
      },
    ),
  );
});

test('what is no recipe is refused in words, and a long one has no address', () => {
  for (const text of ['%%%', 'AAAA', 'eyJ4', '_w'])
    expect(() => fromAddress(text)).toThrow(/no recipe that can be read/);
  expect(toAddress([stepState('x', { list: Array.from({ length: 2000 }, (_, i) => i) })])).toBeNull();
});
