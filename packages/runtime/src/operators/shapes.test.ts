import { DataError, int, ints, ShapeError, string, Tensor, UnsupportedError } from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { float32, int64, numbersFrom, resultOf, runOperator } from '../../test/operators/run-operator.js';

const matrix = float32([1, 2, 3, 4, 5, 6], [2, 3]);

describe('Shape operators', () => {
  test('Reshape copies dims with 0, works out -1, and takes 0 as 0 with allowzero', () => {
    expect(resultOf('Reshape', [matrix, int64([0, -1, 1])]).dims).toEqual([2, 3, 1]);
    const empty = float32([], [0, 3]);
    expect(resultOf('Reshape', [empty, int64([3, 0])], { allowzero: int(1) }).dims).toEqual([3, 0]);
    expect(() => resultOf('Reshape', [matrix, int64([4, -1])])).toThrow(ShapeError);
  });

  test('Flatten with axis 0 and with the rank as axis', () => {
    expect(resultOf('Flatten', [matrix], { axis: int(0) }).dims).toEqual([1, 6]);
    expect(resultOf('Flatten', [matrix], { axis: int(2) }).dims).toEqual([6, 1]);
  });

  test('Squeeze refuses an axis that is not 1; Unsqueeze counts negative axes in the result', () => {
    expect(() => resultOf('Squeeze', [matrix, int64([0])])).toThrow(ShapeError);
    expect(resultOf('Unsqueeze', [matrix, int64([-1, 0])]).dims).toEqual([1, 2, 3, 1]);
  });

  test('Slice walks backwards to the first element', () => {
    const reversed = resultOf('Slice', [matrix, int64([-1]), int64([-10]), int64([1]), int64([-2])]);
    expect(reversed.dims).toEqual([2, 2]);
    expect([...reversed.data]).toEqual([3, 1, 6, 4]);
  });

  test('Slice beyond the end is empty', () => {
    expect(resultOf('Slice', [matrix, int64([9]), int64([99]), int64([0])]).dims).toEqual([0, 3]);
  });

  test('Transpose moves 64-bit integers untouched: -1 has the bits of a NaN', () => {
    const x = int64([-1, 2n ** 62n, -3, 4], [2, 2]);
    expect(resultOf('Transpose', [x]).data).toEqual(BigInt64Array.of(-1n, -3n, 2n ** 62n, 4n));
  });

  test('a reflection longer than the input bounces back and forth', () => {
    const x = float32([1, 2, 3]);
    expect(numbersFrom('Pad', [x, int64([4, 3])], { mode: string('reflect') })).toEqual([
      1, 2, 3, 2, 1, 2, 3, 2, 1, 2,
    ]);
    expect(numbersFrom('Pad', [x, int64([1, 2])], { mode: string('edge') })).toEqual([1, 1, 2, 3, 3, 3]);
  });

  test('negative pads crop', () => {
    expect(numbersFrom('Pad', [matrix, int64([0, -1, 0, 1]), float32([9], [])])).toEqual([2, 3, 9, 5, 6, 9]);
  });

  test('Split leaves the last part smaller, and takes empty parts', () => {
    const parts = runOperator('Split', [float32([1, 2, 3, 4, 5])], { num_outputs: int(3) }, 3);
    expect(parts.map((part) => part?.size)).toEqual([2, 2, 1]);
    const given = runOperator('Split', [float32([1, 2]), int64([0, 2])], {}, 2);
    expect(given.map((part) => part?.size)).toEqual([0, 2]);
  });

  test('Concat of an empty part', () => {
    expect(numbersFrom('Concat', [float32([], [0]), float32([1])], { axis: int(-1) })).toEqual([1]);
  });

  test('Gather refuses an index outside of the axis', () => {
    expect(() => resultOf('Gather', [matrix, int64([2])])).toThrow(DataError);
    expect(numbersFrom('Gather', [matrix, int64([-1], [])], { axis: int(1) })).toEqual([3, 6]);
  });

  test('GatherND with batch dims pairs each batch with its own indices', () => {
    const x = float32([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const result = resultOf('GatherND', [x, int64([1, 0], [2, 1])], { batch_dims: int(1) });
    expect(result.dims).toEqual([2, 2]);
    expect([...result.data]).toEqual([3, 4, 5, 6]);
  });

  test('ScatterElements adds duplicates up in order', () => {
    const result = numbersFrom('ScatterElements', [float32([0, 0]), int64([1, 1]), float32([2, 3])], {
      reduction: string('add'),
    });
    expect(result).toEqual([0, 5]);
  });

  test('scalars stay scalars', () => {
    const scalar = float32([7], []);
    expect(resultOf('Transpose', [scalar]).dims).toEqual([]);
    expect(resultOf('NonZero', [scalar]).dims).toEqual([0, 1]);
    expect(resultOf('Expand', [scalar, int64([2, 1])]).dims).toEqual([2, 1]);
  });

  test.each([
    { op: 'Expand', inputs: [float32([1]), int64([2 ** 31, 2])] },
    { op: 'Tile', inputs: [float32([1]), int64([2n ** 40n])] },
    { op: 'ConstantOfShape', inputs: [int64([2 ** 20, 2 ** 20])] },
    { op: 'Range', inputs: [int64([0], []), int64([2n ** 50n], []), int64([1], [])] },
    { op: 'OneHot', inputs: [int64([0]), int64([2n ** 40n], []), float32([0, 1])] },
    { op: 'Pad', inputs: [float32([1]), int64([2n ** 40n, 0])] },
    { op: 'Resize', inputs: [float32([1]), null, null, int64([2n ** 40n])] },
    { op: 'Resize', inputs: [float32([1]), null, float32([1e30])] },
  ])('$op refuses a result of more than 2^31 elements before it allocates', ({ op, inputs }) => {
    expect(() => resultOf(op, inputs)).toThrow(UnsupportedError);
  });

  test('Trilu below and above the matrix', () => {
    expect(numbersFrom('Trilu', [matrix, int64([5], [])])).toEqual([0, 0, 0, 0, 0, 0]);
    expect(numbersFrom('Trilu', [matrix, int64([-5], [])])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('TopK puts the lower index first among equals, and takes k = 0', () => {
    const [values, indices] = runOperator(
      'TopK',
      [float32([2, 3, 2, 3]), int64([3])],
      { largest: int(0) },
      2,
    );
    expect([...(values?.data ?? [])]).toEqual([2, 2, 3]);
    expect([...(indices?.data ?? [])]).toEqual([0n, 2n, 1n]);
    expect(resultOf('TopK', [matrix, int64([0])]).dims).toEqual([2, 0]);
  });

  test('DepthToSpace undoes SpaceToDepth', () => {
    const x = float32(
      Array.from({ length: 32 }, (_, i) => i),
      [1, 2, 4, 4],
    );
    const deep = resultOf('SpaceToDepth', [x], { blocksize: int(2) });
    expect(deep.dims).toEqual([1, 8, 2, 2]);
    expect(resultOf('DepthToSpace', [deep], { blocksize: int(2) })).toEqual(x);
  });

  test('Dropout in training mode is refused, unless it drops nothing', () => {
    const training = new Tensor('bool', Uint8Array.of(1), []);
    expect(() => resultOf('Dropout', [matrix, float32([0.5], []), training])).toThrow(UnsupportedError);
    expect(resultOf('Dropout', [matrix, float32([0], []), training])).toBe(matrix);
  });

  test('Einsum: diagonal, trace, ellipsis', () => {
    const x = float32([1, 2, 3, 4], [2, 2]);
    expect(numbersFrom('Einsum', [x], { equation: string('ii->i') })).toEqual([1, 4]);
    expect(numbersFrom('Einsum', [x], { equation: string('ii') })).toEqual([5]);
    expect(numbersFrom('Einsum', [x, float32([1, 10])], { equation: string('...i,i->...') })).toEqual([
      21, 43,
    ]);
    expect(() => resultOf('Einsum', [x], { equation: string('ij->ik') })).toThrow(/invents/);
    expect(() => resultOf('Einsum', [x], { equation: string('ijk->i') })).toThrow(ShapeError);
  });

  test('perm must order all axes', () => {
    expect(() => resultOf('Transpose', [matrix], { perm: ints([0, 0]) })).toThrow(ShapeError);
  });
});
