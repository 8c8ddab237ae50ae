import { describe, expect, test } from 'vitest';
import { packGemmI8, requantizeMultiplier } from './pack-gemm.js';

describe('packGemmI8', () => {
  test('two rows of a column stand side by side, the missing last one is 0, zero points are subtracted', () => {
    const packed = packGemmI8({
      data: Int8Array.of(1, 2, 3, -128, 5, 127),
      k: 3,
      n: 2,
      rowStride: 2,
      columnStride: 1,
      bias: Int32Array.of(7, -9),
      multipliers: Float32Array.of(0.5),
      zeroPoints: Int8Array.of(0, 127),
    });
    // Format dot16, layout taps, rule onnx, two steps.
    expect([...new Int32Array(packed.buffer, 0, 4)]).toEqual([0, 0, 0, 2]);
    expect([...new Int32Array(packed.buffer, 16, 8)]).toEqual([7, -9, 0, 0, 0, 0, 0, 0]);
    expect([...new Float32Array(packed.buffer, 48, 8)]).toEqual([0.5, 0.5, 0, 0, 0, 0, 0, 0]);
    const weights = new Int16Array(packed.buffer, 80);
    expect([...weights.subarray(0, 4)]).toEqual([1, 3, -125, -255]);
    expect([...weights.subarray(16, 20)]).toEqual([5, 0, 0, 0]);
    expect(weights.length).toBe(32);
  });

  test('one multiplier a column is needed, or one for all', () => {
    const shape = { k: 1, n: 3, rowStride: 3, columnStride: 1, data: new Int8Array(3) };
    expect(() => packGemmI8({ ...shape, multipliers: new Float32Array(2) })).toThrow(/multipliers has 2/);
    expect(() => packGemmI8({ ...shape, multipliers: new Float32Array(1) })).not.toThrow();
  });
});

test('the multiplier is rounded to float32 once, after a float64 quotient', () => {
  const [a, b, c] = [0.1, 0.3, 0.7];
  expect(requantizeMultiplier(a, b, c)).toBe(Math.fround((a * b) / c));
  expect(Object.is(requantizeMultiplier(a, b, c), Math.fround(requantizeMultiplier(a, b, c)))).toBe(true);
});
