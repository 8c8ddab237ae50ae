import { describe, expect, test } from 'vitest';
import { packConvF32 } from './pack-conv-f32.js';
import { packGemmF32 } from './pack-gemm-f32.js';

describe('packGemmF32', () => {
  test('a panel is 8 biases, then rows of 8 columns, zeros past the last', () => {
    const packed = packGemmF32({
      data: Float32Array.of(1, 2, 3, 4, 5, 6),
      k: 2,
      n: 3,
      rowStride: 3,
      columnStride: 1,
      bias: Float32Array.of(10, 20, 30),
    });
    expect([...packed]).toEqual([10, 20, 30, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0]);
  });

  test('too few weights or biases are a RangeError that names the array', () => {
    const shape = { k: 2, n: 3, rowStride: 3, columnStride: 1 };
    expect(() => packGemmF32({ ...shape, data: new Float32Array(5) })).toThrow(/weights has 5 .* needs 6/);
    const bias = new Float32Array(2);
    expect(() => packGemmF32({ ...shape, data: new Float32Array(6), bias })).toThrow(/bias has 2 .* needs 3/);
  });
});

test('groups that do not divide the output channels are refused', () => {
  const shape = { outputChannels: 5, channelsPerGroup: 1, kernelHeight: 1, kernelWidth: 1, groups: 2 };
  expect(() => packConvF32({ ...shape, data: new Float32Array(5) })).toThrow(/5 output channels .* 2 groups/);
});
