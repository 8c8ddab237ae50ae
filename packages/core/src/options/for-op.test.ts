import { expect, test } from 'vitest';
import { forOp, unmatchedKeys } from './for-op.js';

const setting = { 'fc6.weight': 1, 'fc*.weight': 2, '*.bias': 3, 'a*b*c': 4, Conv: 5, default: 6 };

test.each([
  { name: 'fc6.weight', op: 'Gemm', found: 1 },
  { name: 'fc7.weight', op: 'Gemm', found: 2 },
  { name: 'fc.weight', op: 'Conv', found: 2 },
  { name: 'fc7.weights', op: 'Gemm', found: 6 },
  { name: 'x.bias', op: 'Conv', found: 3 },
  { name: 'abc', op: 'Conv', found: 4 },
  { name: 'axxbyyc', op: 'Conv', found: 4 },
  { name: 'ac', op: 'Conv', found: 5 },
  { name: 'abcd', op: 'Conv', found: 5 },
  { name: 'toString', op: 'MatMul', found: 6 },
])(
  'the setting for "$name" of $op is by name, then pattern, then operator, then default',
  ({ name, op, found }) => {
    expect(forOp<number>(setting, 0, { name, op })).toBe(found);
  },
);

test('a star does not stand for characters that others need', () => {
  expect(forOp<number>({ 'aa*aa': 1 }, 0, { name: 'aaa', op: 'Conv' })).toBe(0);
});

test('a plain setting holds for all, and the default where nothing is said', () => {
  expect(forOp<number>(7, 0, { name: 'w', op: 'Conv' })).toBe(7);
  expect(forOp<number>({ Gemm: 1 }, 9, { name: 'w', op: 'Conv' })).toBe(9);
});

test('keys that fit no layer are found, but operators and the default are let be', () => {
  const layers = [{ name: 'conv1.weight' }, { name: 'fc.weight' }];
  expect(unmatchedKeys({ 'conv*': 1, 'fc.weight': 1, 'fd.weight': 1, LSTM: 1, default: 1 }, layers)).toEqual([
    'fd.weight',
  ]);
  expect(unmatchedKeys(0.5, layers)).toEqual([]);
});
