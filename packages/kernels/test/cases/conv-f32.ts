import fc from 'fast-check';
import type { Geometry } from '../../src/geometry.js';
import { packConvF32 } from '../../src/pack-conv-f32.js';
import { convScratchBytes } from '../../src/scratch.js';
import type { KernelTest } from '../kernel-test.js';
import { clamp } from '../plain.js';
import { data, float32s, floatRange, size } from '../random-data.js';
import { winogradGeometries } from './conv.js';
import { weightShape } from './conv-shape.js';
import { digits, elementCounts, forEachWindow, geometries, inTwoCalls } from './geometry.js';
import { winogradOutput } from './winograd-f32.js';

const f = Math.fround;

/** From 64 channels on runs are single taps. */
const channels = fc.oneof(
  { arbitrary: size(13), weight: 6 },
  { arbitrary: fc.integer({ min: 63, max: 67 }), weight: 1 },
);

const f32Case = fc.record({
  g: fc.oneof({ arbitrary: geometries('conv', channels), weight: 2 }, winogradGeometries, digits),
  mayTransform: fc.boolean(),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  x: data,
  w: data,
  hasBias: fc.boolean(),
  range: floatRange,
});
type F32Case = typeof f32Case extends fc.Arbitrary<infer T> ? T : never;

function f32Inputs(input: F32Case) {
  const { outputChannels, each } = weightShape(input.g);
  return {
    x: float32s(elementCounts(input.g).input, input.x),
    data: float32s(outputChannels * each, input.w),
    bias: input.hasBias ? float32s(outputChannels, { seed: 9, kind: 'random' }) : undefined,
  };
}

function windowOf({ g, mayTransform }: F32Case): Geometry | undefined {
  return mayTransform ? g : undefined;
}

/** Whether packConvF32 transforms the weights: only then are sums ordered as Winograd's algorithm has them. */
function isTransformed(input: F32Case): boolean {
  const packed = packConvF32({
    ...weightShape(input.g),
    data: f32Inputs(input).data,
    window: windowOf(input),
  });
  return new Uint32Array(packed.buffer)[0] === 1;
}

export const convF32: KernelTest<F32Case> = {
  cases: f32Case,
  run(arena, input) {
    const { g, range } = input;
    const { x, ...weights } = f32Inputs(input);
    const packed = packConvF32({ ...weightShape(g), ...weights, window: windowOf(input) });
    const { output } = elementCounts(g);
    const y = arena.output(output * 4);
    const scratchBytes = convScratchBytes(g, 4);
    const from = arena.input(x);
    const w = arena.input(packed);
    const scratch = arena.output(scratchBytes);
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.convF32(geometry, from, w, y, range[0], range[1], scratch, scratchBytes);
    });
    return arena.float32(y, output);
  },
  expected(input) {
    const { g, range } = input;
    const { x, data: w, bias } = f32Inputs(input);
    const { channelsPerGroup, each } = weightShape(input.g);
    const taps = g.kernelHeight * g.kernelWidth;
    if (isTransformed(input)) return winogradOutput(g, x, w, bias, range);
    const y = new Float32Array(elementCounts(g).output);
    forEachWindow(g, (at, output, places) => {
      const first = Math.floor(output / (g.outputChannels / g.groups)) * channelsPerGroup;
      let sum = bias?.[output] ?? 0;
      for (const { pixel, tap } of places) {
        for (let i = 0; i < channelsPerGroup; i++) {
          const value = pixel < 0 ? 0 : x[pixel * g.inputChannels + first + i]!;
          sum = f(sum + f(value * w[output * each + i * taps + tap]!));
        }
      }
      y[at] = clamp(sum, range[0], range[1]);
    });
    return y;
  },
};
