import { describe, expect, test } from 'vitest';
import { ShapeError } from '../errors/errors.js';
import { bytesPerElement, dataTypes, fromBytes, integerRange, toBytes } from './data-type.js';
import { elementCount, Tensor, tensorOf, toFloat32, toNumbers, zeros } from './tensor.js';

describe('a tensor', () => {
  test('has as many elements as its shape, one where it is a scalar, none where a dim is zero', () => {
    expect(elementCount([2, 3, 4])).toBe(24);
    expect(elementCount([])).toBe(1);
    expect(elementCount([5, 0])).toBe(0);
    expect(new Tensor('float32', new Float32Array(1), []).size).toBe(1);
  });

  test('is refused where data and shape or type do not fit, or a dim is no natural number', () => {
    const six = new Float32Array(6);
    for (const dims of [[7], [2, 2], [-2, -3], [1.5, 4], [Number.NaN], [Infinity]]) {
      expect(() => new Tensor('float32', six, dims), `[${dims}]`).toThrow(ShapeError);
    }
    expect(() => new Tensor('float64', six as never)).toThrow(ShapeError);
    expect(() => new Tensor('float32', six).reshape([5])).toThrow(ShapeError);
  });

  test('has a shape that later changes of the given list do not reach', () => {
    const dims = [2, 3];
    const tensor = new Tensor('float32', new Float32Array(6), dims);
    dims[0] = 9;
    expect(tensor.dims).toEqual([2, 3]);
    expect(Object.isFrozen(tensor.dims)).toBe(true);
  });

  test.each(dataTypes)('of %s takes small numbers and gives them back', (type) => {
    const tensor = tensorOf(type, [0, 1, 1, 0], [2, 2]);
    expect([...Array.from(toNumbers(tensor))]).toEqual([0, 1, 1, 0]);
    expect(toFloat32(tensor)).toEqual(Float32Array.of(0, 1, 1, 0));
    expect(zeros(type, [3]).data.length).toBe(3);
    expect(toBytes(tensor.data).length).toBe(4 * bytesPerElement(type));
  });
});

test('little-endian bytes are seen in place where they are aligned, else copied', () => {
  const bytes = Uint8Array.of(0, 1, 0, 0, 0, 2, 0, 0, 0);
  expect(fromBytes('uint32', bytes.subarray(0, 8))).toEqual(Uint32Array.of(256, 512));
  expect(fromBytes('uint32', bytes.subarray(0, 8)).buffer).toBe(bytes.buffer);
  expect(fromBytes('uint32', bytes.subarray(1))).toEqual(Uint32Array.of(1, 2));
  expect(fromBytes('uint32', Buffer.from(bytes.buffer, 1, 8))).toEqual(Uint32Array.of(1, 2));
});

test('the ranges of integer types are those of their bits', () => {
  expect(integerRange('int8')).toEqual({ min: -128, max: 127 });
  expect(integerRange('uint16')).toEqual({ min: 0, max: 65535 });
  expect(integerRange('int32')).toEqual({ min: -(2 ** 31), max: 2 ** 31 - 1 });
});
