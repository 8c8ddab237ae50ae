import { float, int, ShapeError, Tensor, tensorOf, UnsupportedError } from '@espalier/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32, int32, int64, numbersFrom, resultOf, uint8 } from '../../test/operators/run-operator.js';
import { erf, erfc } from './erf.js';

describe('The error function', () => {
  // Abramowitz and Stegun, table 7.1, and erfc from Wolfram's definition to 16 digits.
  test.each([
    { x: 0.5, value: 0.5204998778130465 },
    { x: 1, value: 0.8427007929497149 },
    { x: 2, value: 0.9953222650189527 },
    { x: -1.5, value: -0.9661051464753108 },
    { x: 3, value: 0.9999779095030014 },
  ])('erf($x) is right to 15 digits', ({ x, value }) => {
    expect(Math.abs(erf(x) - value)).toBeLessThan(4e-16);
  });

  test.each([
    { x: 1, value: 0.15729920705028513 },
    { x: 3, value: 2.2090496998585441e-5 },
    { x: 6, value: 2.1519736712498913e-17 },
    { x: -2, value: 1.995322265018953 },
  ])('erfc($x) keeps its digits in the tail', ({ x, value }) => {
    expect(Math.abs(erfc(x) / value - 1)).toBeLessThan(1e-12);
  });

  test('infinities and NaN go through', () => {
    expect([erf(Infinity), erf(-Infinity), erf(Number.NaN), erfc(Infinity), erfc(-Infinity)]).toEqual([
      1,
      -1,
      Number.NaN,
      0,
      2,
    ]);
  });
});

describe('Elementwise operators', () => {
  test('Round takes ties to the even neighbour and keeps what has no fraction', () => {
    const x = float32([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, Infinity, Number.NaN]);
    expect(numbersFrom('Round', [x])).toEqual([-2, -2, -0, 0, 2, 2, Infinity, Number.NaN]);
  });

  test('shapes broadcast both ways, over axes in the middle too', () => {
    const a = float32([1, 2, 3, 4], [2, 1, 2]);
    const b = float32([10, 20, 30], [3, 1]);
    const sum = resultOf('Add', [a, b]);
    expect(sum.dims).toEqual([2, 3, 2]);
    expect([...sum.data]).toEqual([11, 12, 21, 22, 31, 32, 13, 14, 23, 24, 33, 34]);
  });

  test('broadcasting agrees with repeating every element by hand', () => {
    const dims = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
    const ones = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(dims, ones, ones, (target, keepA, keepB) => {
        const shrink = (keep: readonly boolean[]) => target.map((dim, axis) => (keep[axis] ? dim : 1));
        const [a, b] = [shrink(keepA), shrink(keepB)];
        const fill = (shape: readonly number[], from: number) => {
          const count = shape.reduce((x, y) => x * y, 1);
          return float32(
            Array.from({ length: count }, (_, i) => from + i),
            shape,
          );
        };
        const [x, y] = [fill(a, 0), fill(b, 100)];
        const result = resultOf('Sub', [x, y]);
        const at = (tensor: Tensor, index: readonly number[]) => {
          let offset = 0;
          for (const [axis, dim] of tensor.dims.entries())
            offset = offset * dim + (dim === 1 ? 0 : (index[axis] ?? 0));
          return Number(tensor.data[offset]);
        };
        for (let i = 0; i < result.size; i++) {
          let rest = i;
          const index = result.dims.toReversed().map((dim) => {
            const place = rest % dim;
            rest = Math.floor(rest / dim);
            return place;
          });
          expect(result.data[i]).toBe(at(x, index.toReversed()) - at(y, index.toReversed()));
        }
      }),
    );
  });

  test('empty tensors broadcast to empty tensors', () => {
    expect(resultOf('Mul', [float32([], [0, 3]), float32([2])]).dims).toEqual([0, 3]);
  });

  test('shapes that do not fit are refused, naming the operator', () => {
    expect(() => resultOf('Add', [float32([1, 2]), float32([1, 2, 3])])).toThrow(ShapeError);
    expect(() => resultOf('Add', [float32([1, 2]), float32([1, 2, 3])])).toThrow(/^Add: .*\[2\] and \[3\]/);
  });

  test('types that an operator does not have are refused with the ones it has', () => {
    expect(() => resultOf('Sqrt', [int32([4])])).toThrow(UnsupportedError);
    expect(() => resultOf('Sqrt', [int32([4])])).toThrow(/float32/);
    expect(() => resultOf('Add', [int32([4]), float32([1])])).toThrow(UnsupportedError);
  });

  test('an int32 product keeps its low 32 bits, where a double would round', () => {
    // 123456789 * 987654321 = 121932631112635269, of which the low 32 bits are -67153019.
    expect(numbersFrom('Mul', [int32([123456789]), int32([987654321])])).toEqual([-67153019]);
  });

  test('int64 is exact beyond 2^53', () => {
    const big = 2n ** 53n + 1n;
    expect(resultOf('Add', [int64([big]), int64([2])]).data).toEqual(BigInt64Array.of(big + 2n));
    expect(resultOf('Equal', [int64([big]), int64([2n ** 53n])]).data).toEqual(Uint8Array.of(0));
  });

  test('sums of uint8 wrap', () => {
    expect(numbersFrom('Add', [uint8([250]), uint8([10])])).toEqual([4]);
  });

  test('Div cuts integers toward zero; Mod has the sign of the divisor, with fmod that of the dividend', () => {
    const [a, b] = [int32([-7, 7, -7]), int32([2, -2, -2])];
    expect(numbersFrom('Div', [a, b])).toEqual([-3, -3, 3]);
    expect(numbersFrom('Mod', [a, b])).toEqual([1, -1, -1]);
    expect(numbersFrom('Mod', [a, b], { fmod: int(1) })).toEqual([-1, 1, -1]);
  });

  test('a hostile exponent wraps in time linear in its bits', () => {
    // 3^(2^62) mod 2^64 = 1: the order of 3 divides 2^62.
    expect(resultOf('Pow', [int64([3]), int64([2n ** 62n])]).data).toEqual(BigInt64Array.of(1n));
    expect(numbersFrom('Pow', [int32([3, 2]), int32([2, -1])])).toEqual([9, 0]);
  });

  test('float16 is computed in float32 and rounded once', () => {
    const half = tensorOf('float16', [0.1, 2048]);
    // 2049 lies between two float16 values, 2048 and 2050: ties to even gives 2048.
    expect(numbersFrom('Add', [half, tensorOf('float16', [0, 1])])).toEqual([
      Math.fround(0.0999755859375),
      2048,
    ]);
  });

  test('Relu and LeakyRelu keep NaN; Clip with crossed bounds gives the upper one', () => {
    expect(numbersFrom('Relu', [float32([-1, Number.NaN, 2])])).toEqual([0, Number.NaN, 2]);
    expect(numbersFrom('LeakyRelu', [float32([-1, Number.NaN])], { alpha: float(0.5) })).toEqual([
      -0.5,
      Number.NaN,
    ]);
    expect(numbersFrom('Clip', [float32([0, 9]), float32([5], []), float32([3], [])])).toEqual([3, 3]);
  });

  test('Gelu keeps its digits where 1 + erf cancels', () => {
    // 0.5 * -8 * erfc(8 / sqrt 2) = -4.97681e-15 (erfc(5.65685...) = 1.2441921148543573e-15).
    const [value = 0] = numbersFrom('Gelu', [float32([-8])]);
    expect(Math.abs(value / -4.976768459417429e-15 - 1)).toBeLessThan(1e-6);
  });

  test('casts cut toward zero, wrap, and take all but zero as true', () => {
    const x = float32([-1.9, 300.7, Number.NaN, 0]);
    expect(numbersFrom('Cast', [x], { to: int(2) })).toEqual([255, 44, 0, 0]);
    expect(numbersFrom('Cast', [x], { to: int(9) })).toEqual([1, 1, 1, 0]);
    expect(numbersFrom('Cast', [x], { to: int(7) })).toEqual([-1, 300, 0, 0]);
    expect(() => resultOf('Cast', [x], { to: int(16) })).toThrow(UnsupportedError);
  });

  test('Mean sums in double: a thousand float32 inputs leave no trace of rounding', () => {
    const inputs = Array.from({ length: 1000 }, () => float32([0.1]));
    expect(numbersFrom('Mean', inputs)).toEqual([Math.fround(0.1)]);
  });

  test('Where broadcasts all three inputs and moves int64 untouched', () => {
    const condition = new Tensor('bool', Uint8Array.of(1, 0), [2, 1]);
    const result = resultOf('Where', [condition, int64([2n ** 60n]), int64([1, 2])]);
    expect(result.data).toEqual(BigInt64Array.of(2n ** 60n, 2n ** 60n, 1n, 2n));
  });
});
