import { describe, expect, test } from 'vitest';
import { packConvF32 } from './pack-conv-f32.js';
import { packGemmF32, packSharedGemmF32 } from './pack-gemm-f32.js';

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

describe('packSharedGemmF32', () => {
  const indices = Uint8Array.from({ length: 90 }, (_, i) => (i * 7) % 5);
  const layouts = [
    { k: 9, n: 10, rowStride: 10, columnStride: 1 },
    { k: 9, n: 10, rowStride: 1, columnStride: 9 },
  ];
  test.each(layouts)('packs what its centroids say, one list for all or one a column: %o', (layout) => {
    const bias = Float32Array.from({ length: 10 }, (_, i) => i / 3);
    const one = Float32Array.of(0.5, -2, 3, 4, -5);
    const data = Float32Array.from(indices, (index) => one[index]!);
    const shared = packSharedGemmF32({ ...layout, indices, centroids: one, centroidCount: 5, bias });
    expect(shared).toEqual(packGemmF32({ ...layout, data, bias }));
    const many = Float32Array.from({ length: 50 }, (_, i) => i + 0.25);
    const perColumn = Float32Array.from(indices, (index, at) => {
      return many[Math.floor((at / layout.columnStride) % 10) * 5 + index]!;
    });
    const packed = packSharedGemmF32({ ...layout, indices, centroids: many, centroidCount: 5 });
    expect(packed).toEqual(packGemmF32({ ...layout, data: perColumn }));
  });

  test('an index without a centroid stands for NaN, not for a centroid of the next column', () => {
    const layout = { k: 1, n: 2, rowStride: 2, columnStride: 1 };
    const centroids = Float32Array.of(1, 2, 3, 4);
    const packed = packSharedGemmF32({
      ...layout,
      indices: Uint8Array.of(2, 1),
      centroids,
      centroidCount: 2,
    });
    expect([...packed.subarray(8, 10)]).toEqual([Number.NaN, 4]);
  });

  test('writes all of what it is given', () => {
    const packed = new Float32Array(16).fill(7);
    const layout = { k: 1, n: 1, rowStride: 1, columnStride: 1 };
    const indices = Uint8Array.of(0);
    packSharedGemmF32({ ...layout, indices, centroids: Float32Array.of(3), centroidCount: 1 }, packed);
    expect([...packed]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
  });
});

test('groups that do not divide the output channels are refused', () => {
  const shape = { outputChannels: 5, channelsPerGroup: 1, kernelHeight: 1, kernelWidth: 1, groups: 2 };
  expect(() => packConvF32({ ...shape, data: new Float32Array(5) })).toThrow(/5 output channels .* 2 groups/);
});
