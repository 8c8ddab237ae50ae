import { type Attribute, int, ShapeError, string } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { float32, int64, numbersFrom, resultOf } from '../../test/operators/run-operator.js';

// The examples of onnx/docs/Operators.md, GridSample; their outputs were made with PyTorch 2.0.
const image = float32([0, 1, 2, 3, 4, 5], [1, 1, 3, 2]);
const grid = float32(
  [-1, -0.8, -0.6, -0.5, -0.1, -0.2, 0.7, 0, 0, 0.4, 0.2, -0.2, -0.3, 0.5, -1, 1],
  [1, 2, 4, 2],
);
const farGrid = float32(
  [-10, -10, -5, -5, -0.2, -0.2, 10, 10, 10, 10, -0.2, -0.2, 5, 5, 10, 10],
  [1, 2, 4, 2],
);

describe('GridSample', () => {
  test.each([
    { mode: 'nearest', align: 0, expected: [0, 0, 2, 3, 4, 3, 4, 4] },
    { mode: 'nearest', align: 1, expected: [0, 0, 2, 3, 2, 3, 4, 4] },
    { mode: 'linear', align: 0, expected: [0, 0.45, 1.8, 2.4, 3.7, 2.1, 3.7, 1] },
    { mode: 'linear', align: 1, expected: [0.4, 1.2, 2.05, 2.85, 3.3, 2.2, 3.35, 4] },
    {
      mode: 'cubic',
      align: 0,
      expected: [-0.17325, 0.284265, 1.923106, 2.568, 5.170375, 2.284414, 4.744844, 1.046875],
    },
    {
      mode: 'cubic',
      align: 1,
      expected: [0.304001, 1.12875, 2.26627, 3.144844, 4.5315, 2.45536, 4.599819, 4],
    },
  ])('$mode with align_corners $align', ({ mode, align, expected }) => {
    const actual = numbersFrom('GridSample', [image, grid], {
      mode: string(mode),
      align_corners: int(align),
    });
    // The documentation prints six decimals.
    for (const [i, value] of expected.entries())
      expect(Math.abs((actual[i] ?? 0) - value)).toBeLessThan(1e-5);
  });

  test.each([
    { padding: 'zeros', expected: [0, 0, 1.7, 0, 0, 1.7, 0, 0] },
    { padding: 'border', expected: [0, 0, 1.7, 5, 5, 1.7, 5, 5] },
    { padding: 'reflection', expected: [2.5, 0, 1.7, 2.5, 2.5, 1.7, 5, 2.5] },
  ])('padding by $padding', ({ padding, expected }) => {
    const actual = numbersFrom('GridSample', [image, farGrid], { padding_mode: string(padding) });
    for (const [i, value] of expected.entries())
      expect(Math.abs((actual[i] ?? 0) - value)).toBeLessThan(1e-5);
  });

  test('volumes take their coordinates from the last axis to the first', () => {
    const volume = float32([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 3, 2, 2]);
    const points = float32([-1, -0.5, 0.3, 0.4, 0.2, 0.6], [1, 1, 1, 2, 3]);
    expect(numbersFrom('GridSample', [volume, points], { mode: string('linear') })[1]).toBeCloseTo(10.9, 5);
    const nearest: Record<string, Attribute> = { mode: string('nearest'), align_corners: int(1) };
    expect(numbersFrom('GridSample', [volume, points], nearest)).toEqual([5, 12]);
  });

  test('NaN and infinite coordinates are outside', () => {
    const points = float32([Number.NaN, 0, Infinity, 0], [1, 1, 2, 2]);
    expect(numbersFrom('GridSample', [image, points], { mode: string('nearest') })).toEqual([0, 0]);
  });
});

describe('ReverseSequence', () => {
  test('reverses as many elements as each length says, along either axis', () => {
    const x = float32([0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15], [4, 4]);
    const timeFirst = numbersFrom('ReverseSequence', [x, int64([4, 3, 2, 1])]);
    expect(timeFirst).toEqual([3, 6, 9, 12, 2, 5, 8, 13, 1, 4, 10, 14, 0, 7, 11, 15]);
    const batchFirst = numbersFrom('ReverseSequence', [float32([1, 2, 3, 4], [2, 2]), int64([2, 1])], {
      batch_axis: int(0),
      time_axis: int(1),
    });
    expect(batchFirst).toEqual([2, 1, 3, 4]);
    expect(() => resultOf('ReverseSequence', [x, int64([5, 0, 0, 0])])).toThrow(ShapeError);
  });
});
