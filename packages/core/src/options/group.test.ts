import { expect, test } from 'vitest';
import { OptionsError } from '../errors/errors.js';
import { option } from './option.js';
import { defineOptions, type Given, type Options, optionEntries, optionsTable } from './options.js';

interface Inner {
  readonly epochs: number;
  readonly name: string;
}

interface Outer {
  readonly rate: number;
  readonly inner: Inner | null;
  readonly always: Inner;
}

const inner: Options<Inner> = defineOptions<Inner>({
  epochs: option.integer({ default: 3, min: 1, about: 'How often.' }),
  name: option.text({ default: 'x', about: 'What it is called.' }),
});

const outer: Options<Outer> = defineOptions<Outer>({
  rate: option.number({ default: 1, about: 'How fast.' }),
  inner: option.nullable(option.group(inner), { about: 'Those that may be left out.' }),
  always: option.group(inner, { about: 'Those that are always there.' }),
});

test('a group fills in its own defaults, and is null where it may be and is not given', () => {
  const given: Given<Outer> = { inner: { epochs: 5 } };
  expect(outer.parse(given, 'pass')).toEqual({
    rate: 1,
    inner: { epochs: 5, name: 'x' },
    always: { epochs: 3, name: 'x' },
  });
  expect(outer.defaults.inner).toBe(null);
  expect(outer.parse({ inner: {} }, 'pass').inner).toEqual(inner.defaults);
});

test.each([
  { given: { inner: { epoch: 5 } }, message: /pass\.inner has no option "epoch".*Did you mean "epochs"/s },
  { given: { inner: { epochs: 0 } }, message: /"pass\.inner\.epochs" is 0/ },
  { given: { inner: 5 }, message: /The options of pass\.inner are no object/ },
  { given: { always: null }, message: /The options of pass\.always are no object/ },
])('$given is refused by its place', ({ given, message }) => {
  expect(() => outer.parse(given, 'pass')).toThrow(OptionsError);
  expect(() => outer.parse(given, 'pass')).toThrow(message);
});

test('the options of a group are listed behind it', () => {
  expect(optionEntries(outer).map(([name]) => name)).toEqual([
    'rate',
    'inner',
    'inner.epochs',
    'inner.name',
    'always',
    'always.epochs',
    'always.name',
  ]);
  expect(optionsTable(outer)).toContain('| `inner.epochs`  | a whole number >= 1');
});
