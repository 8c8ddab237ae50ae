import fc from 'fast-check';
import { type Geometry, geometryWords } from '../../src/geometry.js';
import { packGemmF32 } from '../../src/pack-gemm-f32.js';
import type { TrainKernels } from '../../src/train-loader.js';
import { convInputGradientScratchBytes, convWeightGradientScratchBytes } from '../../src/train-scratch.js';
import type { Arena } from '../arena.js';
import { weightShape } from '../cases/conv-shape.js';
import { elementCounts, forEachWindow, geometries, tiles } from '../cases/geometry.js';
import type { KernelTest } from '../kernel-test.js';
import { data, float32s } from '../random-data.js';

const f = Math.fround;

const poolCase = fc.record({
  g: fc.oneof(geometries('each'), tiles),
  x: data,
  dy: data,
  coarse: fc.boolean(),
});
type PoolCase = typeof poolCase extends fc.Arbitrary<infer T> ? T : never;

/** Coarse values are often equal: the first one counts. */
function poolInput({ g, x, coarse }: PoolCase): Float32Array {
  const values = float32s(elementCounts(g).input, x);
  return coarse ? values.map(Math.round) : values;
}

/** The images of a batch in two calls: what one does must not depend on the other. */
function imageByImage(arena: Arena<TrainKernels>, g: Geometry, call: (geometry: number) => void): void {
  for (let image = g.batch - 1; image >= 0; image--) {
    const rows = { first: image * g.outputHeight, end: (image + 1) * g.outputHeight };
    call(arena.input(geometryWords(g, rows)));
  }
}

export const maxPoolGradientF32: KernelTest<PoolCase, TrainKernels> = {
  cases: poolCase,
  run(arena, input) {
    const { g } = input;
    const counts = elementCounts(g);
    const y = arena.output(counts.output * 4);
    const dx = arena.output(counts.input * 4);
    const x = arena.input(poolInput(input));
    const dy = arena.input(float32s(counts.output, input.dy));
    arena.kernels.maxPoolF32(arena.input(geometryWords(g)), x, y);
    imageByImage(arena, g, (at) => arena.kernels.maxPoolGradientF32(at, x, y, dy, dx));
    return arena.float32(dx, counts.input);
  },
  expected(input) {
    const { g } = input;
    const x = poolInput(input);
    const dx = new Float32Array(x.length);
    const dy = float32s(elementCounts(g).output, input.dy);
    forEachWindow(g, (at, channel, taps) => {
      const places = taps
        .filter(({ pixel }) => pixel >= 0)
        .map(({ pixel }) => pixel * g.inputChannels + channel);
      const values = places.map((place) => x[place]!);
      // NaN is equal to nothing.
      const place = places[values.indexOf(values.reduce((a, b) => Math.max(a, b), -Infinity))];
      if (place !== undefined) dx[place] = f(dx[place]! + dy[at]!);
    });
    return dx;
  },
};

const meanCase = fc.record({ g: geometries('each'), dy: data, includePad: fc.boolean() });

export const averagePoolGradientF32: KernelTest<
  typeof meanCase extends fc.Arbitrary<infer T> ? T : never,
  TrainKernels
> = {
  cases: meanCase,
  run(arena, { g, dy, includePad }) {
    const counts = elementCounts(g);
    const dx = arena.output(counts.input * 4);
    const from = arena.input(float32s(counts.output, dy));
    imageByImage(arena, g, (at) => arena.kernels.averagePoolGradientF32(at, from, dx, includePad ? 1 : 0));
    return arena.float32(dx, counts.input);
  },
  expected({ g, dy, includePad }) {
    const counts = elementCounts(g);
    const dx = new Float32Array(counts.input);
    const gradients = float32s(counts.output, dy);
    forEachWindow(g, (at, channel, taps) => {
      const counted = taps.filter(({ pixel, padded }) => pixel >= 0 || (includePad && padded)).length;
      for (const { pixel } of taps) {
        if (pixel < 0) continue;
        const place = pixel * g.inputChannels + channel;
        dx[place] = f(dx[place]! + f(gradients[at]! / counted));
      }
    });
    return dx;
  },
};

const depthwiseCase = fc.record({
  g: geometries('each'),
  a: data,
  b: data,
  images: fc.integer({ min: 1, max: 2 }),
});
type DepthwiseCase = typeof depthwiseCase extends fc.Arbitrary<infer T> ? T : never;

function tapsOf({ kernelHeight, kernelWidth }: Geometry): number {
  return kernelHeight * kernelWidth;
}

export const depthwiseInputGradientF32: KernelTest<DepthwiseCase, TrainKernels> = {
  cases: depthwiseCase,
  run(arena, { g, a, b }) {
    const counts = elementCounts(g);
    const dx = arena.output(counts.input * 4);
    const w = arena.input(float32s(tapsOf(g) * g.inputChannels, a));
    const dy = arena.input(float32s(counts.output, b));
    imageByImage(arena, g, (at) => arena.kernels.depthwiseInputGradientF32(at, dy, w, dx));
    return arena.float32(dx, counts.input);
  },
  expected({ g, a, b }) {
    const counts = elementCounts(g);
    const [w, dy] = [float32s(tapsOf(g) * g.inputChannels, a), float32s(counts.output, b)];
    const dx = new Float32Array(counts.input);
    // By output row and tap: what is given in a row goes to other places for each column of one tap.
    const given: { row: number; tap: number; place: number; product: number }[] = [];
    forEachWindow(g, (at, channel, taps) => {
      const row = Math.floor(at / g.outputChannels / g.outputWidth);
      for (const { pixel, tap } of taps) {
        if (pixel < 0) continue;
        const product = f(dy[at]! * w[tap * g.outputChannels + channel]!);
        given.push({ row, tap, place: pixel * g.inputChannels + channel, product });
      }
    });
    given.sort((p, q) => p.row - q.row || p.tap - q.tap);
    for (const { place, product } of given) dx[place] = f(dx[place]! + product);
    return dx;
  },
};

export const depthwiseWeightGradientF32: KernelTest<DepthwiseCase, TrainKernels> = {
  cases: depthwiseCase,
  run(arena, { g, a, b, images }) {
    const counts = elementCounts(g);
    const parts = Math.ceil(g.batch / images);
    const size = parts * tapsOf(g) * g.inputChannels;
    const dw = arena.output(size * 4);
    const [x, dy] = [arena.input(float32s(counts.input, a)), arena.input(float32s(counts.output, b))];
    for (let part = parts - 1; part >= 0; part--) {
      const end = Math.min((part + 1) * images, g.batch) * g.outputHeight;
      const at = arena.input(geometryWords(g, { first: part * images * g.outputHeight, end }));
      arena.kernels.depthwiseWeightGradientF32(at, images, x, dy, dw);
    }
    return arena.float32(dw, size);
  },
  expected({ g, a, b, images }) {
    const counts = elementCounts(g);
    const channels = g.inputChannels;
    const size = tapsOf(g) * channels;
    const [x, dy] = [float32s(counts.input, a), float32s(counts.output, b)];
    const rows = new Map<string, number>();
    forEachWindow(g, (at, channel, taps) => {
      const row = Math.floor(at / channels / g.outputWidth);
      for (const { pixel, tap } of taps) {
        if (pixel < 0) continue;
        const key = `${row} ${tap * channels + channel}`;
        rows.set(key, f((rows.get(key) ?? 0) + f(x[pixel * channels + channel]! * dy[at]!)));
      }
    });
    const dw = new Float32Array(Math.ceil(g.batch / images) * size);
    for (let row = 0; row < g.batch * g.outputHeight; row++) {
      const part = Math.floor(row / g.outputHeight / images);
      for (let i = 0; i < size; i++)
        dw[part * size + i] = f(dw[part * size + i]! + (rows.get(`${row} ${i}`) ?? 0));
    }
    return dw;
  },
};

const convCase = fc.record({
  g: geometries('conv'),
  a: data,
  b: data,
  images: fc.integer({ min: 1, max: 2 }),
});
type ConvCase = typeof convCase extends fc.Arbitrary<infer T> ? T : never;

/** Weights [outputs, kernel, channels of a group] and the gradient of the output. */
function inputGradientData({ g, a, b }: ConvCase) {
  const { outputChannels, each } = weightShape(g);
  return { w: float32s(outputChannels * each, a), dy: float32s(elementCounts(g).output, b) };
}

export const convInputGradientF32: KernelTest<ConvCase, TrainKernels> = {
  cases: convCase,
  run(arena, input) {
    const { g } = input;
    const { w, dy } = inputGradientData(input);
    const { each } = weightShape(g);
    const k = g.outputChannels / g.groups;
    const packed = Array.from({ length: g.groups }, (_, group) =>
      packGemmF32({ data: w.subarray(group * k * each), k, n: each, rowStride: each, columnStride: 1 }),
    );
    const counts = elementCounts(g);
    const dx = arena.output(counts.input * 4);
    const [gradients, weights] = [
      arena.input(dy),
      arena.input(Float32Array.from(packed.flatMap((p) => [...p]))),
    ];
    const bytes = convInputGradientScratchBytes(g);
    const scratch = arena.output(bytes);
    imageByImage(arena, g, (at) =>
      arena.kernels.convInputGradientF32(at, gradients, weights, dx, scratch, bytes),
    );
    return arena.float32(dx, counts.input);
  },
  expected(input) {
    const { g } = input;
    const { w, dy } = inputGradientData(input);
    const { each, channelsPerGroup } = weightShape(g);
    const outputs = g.outputChannels / g.groups;
    const dx = new Float32Array(elementCounts(g).input);
    forEachWindow(g, (at, channel, taps) => {
      // Once a pixel and group: all outputs of the group together.
      if (channel % outputs !== 0) return;
      const group = channel / outputs;
      for (const { pixel, tap } of taps) {
        for (let c = 0; c < channelsPerGroup && pixel >= 0; c++) {
          let sum = 0;
          for (let o = 0; o < outputs; o++) {
            sum = f(sum + f(dy[at + o]! * w[(channel + o) * each + tap * channelsPerGroup + c]!));
          }
          const place = pixel * g.inputChannels + group * channelsPerGroup + c;
          dx[place] = f(dx[place]! + sum);
        }
      }
    });
    return dx;
  },
};

/** The input and the gradient of the output, NHWC. */
function weightGradientData({ g, a, b }: ConvCase) {
  const { input, output } = elementCounts(g);
  return { x: float32s(input, a), dy: float32s(output, b) };
}

export const convWeightGradientF32: KernelTest<ConvCase, TrainKernels> = {
  cases: convCase,
  run(arena, input) {
    const { g, images } = input;
    const { x, dy } = weightGradientData(input);
    const { outputChannels, each } = weightShape(g);
    const parts = Math.ceil(g.batch / images);
    const size = parts * outputChannels * each;
    const dw = arena.output(size * 4);
    const [from, gradient] = [arena.input(x), arena.input(dy)];
    const bytes = convWeightGradientScratchBytes(g);
    const scratch = arena.output(bytes);
    for (let part = parts - 1; part >= 0; part--) {
      const end = Math.min((part + 1) * images, g.batch) * g.outputHeight;
      const at = arena.input(geometryWords(g, { first: part * images * g.outputHeight, end }));
      arena.kernels.convWeightGradientF32(at, images, from, gradient, dw, scratch, bytes);
    }
    return arena.float32(dw, size);
  },
  expected(input) {
    const { g, images } = input;
    const { x, dy } = weightGradientData(input);
    const { outputChannels, each, channelsPerGroup } = weightShape(g);
    const outputs = outputChannels / g.groups;
    const pixels = g.outputHeight * g.outputWidth;
    const total = new Float32Array(Math.ceil(g.batch / images) * outputChannels * each);
    const block = Math.max(16, Math.min(256, Math.floor(65536 / each) & ~3));
    const sum = new Float32Array(total.length);
    forEachWindow(g, (at, channel, taps) => {
      const pixel = Math.floor(at / outputChannels);
      const part = Math.floor(pixel / pixels / images);
      const inPart = pixel - part * images * pixels;
      const last = Math.min(images, g.batch - part * images) * pixels - 1;
      for (const { pixel: place, tap } of taps) {
        for (let c = 0; c < channelsPerGroup; c++) {
          const from = place * g.inputChannels + Math.floor(channel / outputs) * channelsPerGroup + c;
          const to = (part * outputChannels + channel) * each + tap * channelsPerGroup + c;
          const value = place < 0 ? 0 : x[from]!;
          sum[to] = f((inPart % block === 0 ? 0 : sum[to]!) + f(dy[at]! * value));
          if (inPart % block === block - 1 || inPart === last) total[to] = f(total[to]! + sum[to]!);
        }
      }
    });
    return total;
  },
};
