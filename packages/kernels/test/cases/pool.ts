import fc from 'fast-check';
import type { KernelTest } from '../kernel-test.js';
import { quantize, saturate } from '../plain.js';
import { data, float32s, int8Range, int8s, size, zeroPoint } from '../random-data.js';
import { elementCounts, forEachWindow, geometries, inTwoCalls } from './geometry.js';

const f = Math.fround;

const scaleRatio = fc.constantFrom(1, 0.5, 2, 0.8123, 1.7).map(f);
/** Where the output rows are split over two calls. */
const part = fc.constantFrom(0, 0.3, 0.7, 1);
const windowCase = fc.record({ g: geometries('each'), x: data, includePad: fc.boolean(), part });
const quantizedCase = fc.record({
  g: geometries('each'),
  x: data,
  includePad: fc.boolean(),
  part,
  multiplier: scaleRatio,
  xZero: zeroPoint,
  yZero: zeroPoint,
  range: int8Range,
});
const globalCase = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  pixels: size(120),
  channels: size(40),
  x: data,
  multiplier: scaleRatio,
  xZero: zeroPoint,
  yZero: zeroPoint,
  range: int8Range,
});
type WindowCase = typeof windowCase extends fc.Arbitrary<infer T> ? T : never;
type QuantizedCase = typeof quantizedCase extends fc.Arbitrary<infer T> ? T : never;
type GlobalCase = typeof globalCase extends fc.Arbitrary<infer T> ? T : never;

export const maxPoolF32: KernelTest<WindowCase> = {
  cases: windowCase,
  run(arena, { g, x, part: middle }) {
    const { input, output } = elementCounts(g);
    const y = arena.output(output * 4);
    const from = arena.input(float32s(input, x));
    inTwoCalls(arena, g, middle, (geometry) => arena.kernels.maxPoolF32(geometry, from, y));
    return arena.float32(y, output);
  },
  expected({ g, x }) {
    const { input, output } = elementCounts(g);
    const values = float32s(input, x);
    const y = new Float32Array(output);
    forEachWindow(g, (at, channel, places) => {
      const inside = places.filter(({ pixel }) => pixel >= 0);
      const found = inside.map(({ pixel }) => values[pixel * g.inputChannels + channel]!);
      const largest = found.reduce((most, value) => (value > most ? value : most), -Infinity);
      y[at] = found.some(Number.isNaN) ? Number.NaN : largest;
    });
    return y;
  },
};

export const maxPoolI8: KernelTest<WindowCase> = {
  cases: windowCase,
  run(arena, { g, x, part: middle }) {
    const { input, output } = elementCounts(g);
    const y = arena.output(output);
    const from = arena.input(int8s(input, x));
    inTwoCalls(arena, g, middle, (geometry) => arena.kernels.maxPoolI8(geometry, from, y));
    return arena.int8(y, output);
  },
  expected({ g, x }) {
    const { input, output } = elementCounts(g);
    const values = int8s(input, x);
    const y = new Int8Array(output);
    forEachWindow(g, (at, channel, places) => {
      const inside = places.filter(({ pixel }) => pixel >= 0);
      y[at] = Math.max(-128, ...inside.map(({ pixel }) => values[pixel * g.inputChannels + channel]!));
    });
    return y;
  },
};

type Places = Parameters<Parameters<typeof forEachWindow>[1]>[2];

function divisor(places: Places, includePad: boolean): number {
  return places.filter(({ pixel, padded }) => pixel >= 0 || (includePad && padded)).length;
}

export const averagePoolF32: KernelTest<WindowCase> = {
  cases: windowCase,
  run(arena, { g, x, includePad, part: middle }) {
    const { input, output } = elementCounts(g);
    const y = arena.output(output * 4);
    const from = arena.input(float32s(input, x));
    inTwoCalls(arena, g, middle, (geometry) =>
      arena.kernels.averagePoolF32(geometry, from, y, includePad ? 1 : 0),
    );
    return arena.float32(y, output);
  },
  expected({ g, x, includePad }) {
    const { input, output } = elementCounts(g);
    const values = float32s(input, x);
    const y = new Float32Array(output);
    forEachWindow(g, (at, channel, places) => {
      let sum = 0;
      for (const { pixel } of places) {
        if (pixel >= 0) sum = f(sum + values[pixel * g.inputChannels + channel]!);
      }
      y[at] = sum / divisor(places, includePad);
    });
    return y;
  },
};

export const averagePoolI8: KernelTest<QuantizedCase> = {
  cases: quantizedCase,
  run(arena, { g, x, includePad, part: middle, multiplier, xZero, yZero, range }) {
    const { input, output } = elementCounts(g);
    const y = arena.output(output);
    const from = arena.input(int8s(input, x));
    const counted = includePad ? 1 : 0;
    const [low, high] = range;
    inTwoCalls(arena, g, middle, (geometry) => {
      arena.kernels.averagePoolI8(geometry, from, y, counted, multiplier, xZero, yZero, low, high);
    });
    return arena.int8(y, output);
  },
  expected({ g, x, includePad, multiplier, xZero, yZero, range }, kind) {
    const { input, output } = elementCounts(g);
    const values = int8s(input, x);
    const y = new Int8Array(output);
    forEachWindow(g, (at, channel, places) => {
      let sum = 0;
      for (const { pixel } of places) {
        if (pixel >= 0) sum += values[pixel * g.inputChannels + channel]! - xZero;
      }
      const mean = f(sum / divisor(places, includePad));
      y[at] = quantize(f(mean * multiplier), yZero, range[0], range[1], kind);
    });
    return y;
  },
};

export const globalAveragePoolF32: KernelTest<GlobalCase> = {
  cases: globalCase,
  run(arena, { batch, pixels, channels, x }) {
    const y = arena.output(batch * channels * 4);
    const from = arena.input(float32s(batch * pixels * channels, x));
    arena.kernels.globalAveragePoolF32(batch, pixels, channels, from, y);
    return arena.float32(y, batch * channels);
  },
  expected({ batch, pixels, channels, x }) {
    const values = float32s(batch * pixels * channels, x);
    return Float32Array.from({ length: batch * channels }, (_, at) => {
      const first = Math.floor(at / channels) * pixels * channels + (at % channels);
      let sum = 0;
      for (let pixel = 0; pixel < pixels; pixel++) sum = f(sum + values[first + pixel * channels]!);
      return sum / pixels;
    });
  },
};

export const globalAveragePoolI8: KernelTest<GlobalCase> = {
  cases: globalCase,
  run(arena, { batch, pixels, channels, x, multiplier, xZero, yZero, range }) {
    const y = arena.output(batch * channels);
    const from = arena.input(int8s(batch * pixels * channels, x));
    const [low, high] = range;
    arena.kernels.globalAveragePoolI8(batch, pixels, channels, from, y, multiplier, xZero, yZero, low, high);
    return arena.int8(y, batch * channels);
  },
  expected({ batch, pixels, channels, x, multiplier, xZero, yZero, range }) {
    const values = int8s(batch * pixels * channels, x);
    return Int8Array.from({ length: batch * channels }, (_, at) => {
      const first = Math.floor(at / channels) * pixels * channels + (at % channels);
      let sum = 0;
      for (let pixel = 0; pixel < pixels; pixel++) sum += values[first + pixel * channels]! - xZero;
      return saturate(f(f(sum / pixels) * multiplier), yZero, range[0], range[1]);
    });
  },
};
