import { int, Tensor, tensorOf } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { float32, int32, int64, numbersFrom, resultOf } from '../../test/operators/run-operator.js';

const cube = float32([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);

describe('Reductions', () => {
  test('axes in any order, counted from the back too', () => {
    const sum = resultOf('ReduceSum', [cube, int64([-1, 0])], { keepdims: int(0) });
    expect(sum.dims).toEqual([2]);
    expect([...sum.data]).toEqual([14, 22]);
  });

  test('no axes: all of them, or none where noop_with_empty_axes says so, elementwise parts still done', () => {
    expect(resultOf('ReduceSum', [cube]).dims).toEqual([1, 1, 1]);
    const squares = resultOf('ReduceSumSquare', [cube, int64([])], { noop_with_empty_axes: int(1) });
    expect([...squares.data]).toEqual([1, 4, 9, 16, 25, 36, 49, 64]);
  });

  test('an empty set gives the neutral element', () => {
    const empty = float32([], [2, 0]);
    expect(numbersFrom('ReduceSum', [empty, int64([1])])).toEqual([0, 0]);
    expect(numbersFrom('ReduceProd', [empty, int64([1])])).toEqual([1, 1]);
    expect(numbersFrom('ReduceMax', [empty, int64([1])])).toEqual([-Infinity, -Infinity]);
    expect(numbersFrom('ReduceMin', [int32([], [0])])).toEqual([2 ** 31 - 1]);
    expect(numbersFrom('ReduceLogSumExp', [empty, int64([1])])).toEqual([-Infinity, -Infinity]);
    expect(resultOf('ReduceMax', [int64([], [0])]).data).toEqual(BigInt64Array.of(-(2n ** 63n)));
  });

  test('ReduceLogSumExp does not overflow', () => {
    // log(2 e^1000) = 1000 + log 2
    expect(numbersFrom('ReduceLogSumExp', [tensorOf('float64', [1000, 1000])])).toEqual([1000 + Math.log(2)]);
  });

  test('float32 sums are kept in double', () => {
    // In float32 2^24 + 1 is 2^24 again, so that a float32 sum never gets past it.
    const x = float32([2 ** 24, ...new Array<number>(100).fill(1)]);
    expect(numbersFrom('ReduceSum', [x])).toEqual([2 ** 24 + 100]);
  });

  test('products of int32 wrap exactly', () => {
    expect(numbersFrom('ReduceProd', [int32([65537, 65537, 3])])).toEqual([
      Math.imul(Math.imul(65537, 65537), 3),
    ]);
    expect(numbersFrom('ReduceSumSquare', [int32([123456789])])).toEqual([Math.imul(123456789, 123456789)]);
  });

  test('int64 means and norms', () => {
    expect(resultOf('ReduceMean', [int64([-3, -4])]).data).toEqual(BigInt64Array.of(-3n));
    expect(resultOf('ReduceL2', [int64([3, 4])]).data).toEqual(BigInt64Array.of(5n));
  });

  test('bools reduce by and and or', () => {
    const x = new Tensor('bool', Uint8Array.of(1, 0, 1, 1), [2, 2]);
    expect(numbersFrom('ReduceMin', [x, int64([1])])).toEqual([0, 1]);
    expect(numbersFrom('ReduceMax', [x, int64([1])])).toEqual([1, 1]);
  });

  test('Softmax of large numbers and along an inner axis', () => {
    expect(numbersFrom('Softmax', [float32([1e30, 1e30])])).toEqual([0.5, 0.5]);
    const columns = numbersFrom('Softmax', [float32([0, 5, 0, 5], [2, 2])], { axis: int(0) });
    expect(columns).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  test('Softmax of float16 sums in double', () => {
    // In float16, 1/4096 summed 4096 times stops at 0.5.
    const x = tensorOf('float16', new Array<number>(4096).fill(1));
    expect(numbersFrom('Softmax', [x])[0]).toBe(1 / 4096);
  });
});
