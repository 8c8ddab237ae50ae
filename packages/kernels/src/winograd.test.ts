import { describe, expect, test } from 'vitest';
import { packConvI8 } from './pack-conv.js';

const WINOGRAD = 2;
const window = { strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 };

function layout(changes: object, channels = 16, value = 1): number | undefined {
  const shape = {
    outputChannels: 16,
    channelsPerGroup: channels,
    kernelHeight: 3,
    kernelWidth: 3,
    groups: 1,
  };
  const data = new Int8Array(16 * channels * 9).fill(value);
  const packed = packConvI8({ ...shape, data, multipliers: Float32Array.of(1), window, ...changes });
  return new Int32Array(packed.buffer)[1];
}

describe('packConvI8 takes Winograd', () => {
  test('for a 3x3 window of stride 1 that is known ahead', () => {
    expect(layout({})).toBe(WINOGRAD);
    expect(layout({ window: undefined })).not.toBe(WINOGRAD);
    expect(layout({ window: { ...window, strideWidth: 2 } })).not.toBe(WINOGRAD);
    expect(layout({ window: { ...window, dilationHeight: 2 } })).not.toBe(WINOGRAD);
  });

  test('where outputs fill the tiles', () => {
    expect(layout({ window: { ...window, outputHeight: 7, outputWidth: 7 } })).toBe(WINOGRAD);
    expect(layout({ window: { ...window, outputHeight: 1, outputWidth: 28 } })).not.toBe(WINOGRAD);
    expect(layout({ window: { ...window, outputHeight: 2, outputWidth: 2 } })).not.toBe(WINOGRAD);
  });

  test('only while four times the largest sum fits int32', () => {
    // 9 * 127 * 255 * 4 = 1,165,860 a channel: 1841 of them fit, 1842 do not.
    expect(layout({}, 1841, 127)).toBe(WINOGRAD);
    expect(layout({}, 1842, 127)).not.toBe(WINOGRAD);
  });
});

test('the transform of a kernel is (2G) g (2G)^T', () => {
  // One weight of 1 in the middle: the middle column of 2G is (0 1 -1 0).
  const data = new Int8Array(8 * 8 * 9);
  data[4] = 1;
  const shape = { outputChannels: 8, channelsPerGroup: 8, kernelHeight: 3, kernelWidth: 3, groups: 1 };
  const packed = packConvI8({ ...shape, data, multipliers: Float32Array.of(1), window });
  const values = new Int16Array(packed.buffer, 80);
  // Positions are 8 channels (4 steps of 8 columns, 2 values each) apart; channel 0 of column 0 is the first value.
  const positions = Array.from({ length: 16 }, (_, i) => values[i * 64]);
  expect(positions).toEqual([0, 0, 0, 0, 0, 1, -1, 0, 0, -1, 1, 0, 0, 0, 0, 0]);
});
