import { expect, test } from 'vitest';
import { geometryWords } from '../src/geometry.js';
import type { BinaryName } from '../src/kernel-table.js';
import { Arena } from './arena.js';
import { freshKernels } from './binaries.js';

const side = 21;
const channels = 19;
const geometry = {
  batch: 1,
  inputHeight: side,
  inputWidth: side,
  inputChannels: channels,
  outputHeight: 1,
  outputWidth: 1,
  outputChannels: channels,
  kernelHeight: side,
  kernelWidth: side,
  strideHeight: 1,
  strideWidth: 1,
  dilationHeight: 1,
  dilationWidth: 1,
  padTop: 0,
  padLeft: 0,
  padBottom: 0,
  padRight: 0,
  groups: 1,
};

test.each<BinaryName>(['simd', 'scalar'])(
  'an average over 441 values of -128, more than fit a sum of int16, is -128 (%s)',
  (name) => {
    const arena = new Arena(freshKernels(name));
    const y = arena.output(channels);
    const x = arena.input(new Int8Array(side * side * channels).fill(-128));
    arena.kernels.averagePoolI8(arena.input(geometryWords(geometry)), x, y, 0, 1, 127, 127, -128, 127);
    expect(arena.int8(y, channels)).toEqual(new Int8Array(channels).fill(-128));
    arena.finish();
  },
);
