import fc from 'fast-check';
import type { Geometry } from '../../src/geometry.js';
import { convTransposeScratchBytes, packConvTransposeF32 } from '../../src/pack-conv-transpose-f32.js';
import type { KernelTest } from '../kernel-test.js';
import { clamp } from '../plain.js';
import { data, float32s, floatRange, size } from '../random-data.js';
import { elementCounts, inTwoCalls } from './geometry.js';

const f = Math.fround;

const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padBefore: fc.integer({ min: 0, max: 3 }),
    input: fc.integer({ min: 1, max: 6 }),
    /** Output padding less the pad behind. */
    more: fc.integer({ min: -3, max: 2 }),
  })
  .map((one) => {
    const reach = (one.input - 1) * one.stride + (one.kernel - 1) * one.dilation + 1;
    return { ...one, output: Math.max(1, reach - one.padBefore + one.more) };
  });

const geometry: fc.Arbitrary<Geometry> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    rows: axis,
    columns: axis,
    groups: fc.constantFrom(1, 1, 2, 3),
    inputs: size(9),
    outputs: size(11),
  })
  .map(({ batch, rows, columns, groups, inputs, outputs }) => ({
    batch,
    inputHeight: rows.input,
    inputWidth: columns.input,
    inputChannels: inputs * groups,
    outputHeight: rows.output,
    outputWidth: columns.output,
    outputChannels: outputs * groups,
    kernelHeight: rows.kernel,
    kernelWidth: columns.kernel,
    strideHeight: rows.stride,
    strideWidth: columns.stride,
    dilationHeight: rows.dilation,
    dilationWidth: columns.dilation,
    padTop: rows.padBefore,
    padLeft: columns.padBefore,
    padBottom: 0,
    padRight: 0,
    groups,
  }));

const transposeCase = fc.record({
  g: geometry,
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  x: data,
  w: data,
  range: floatRange,
});
type TransposeCase = typeof transposeCase extends fc.Arbitrary<infer T> ? T : never;

function weightsOf({ g, w }: TransposeCase) {
  const [channelsPerGroup, outputsPerGroup] = [g.inputChannels / g.groups, g.outputChannels / g.groups];
  const length = g.inputChannels * outputsPerGroup * g.kernelHeight * g.kernelWidth;
  const { groups, kernelHeight, kernelWidth } = g;
  return { data: float32s(length, w), groups, channelsPerGroup, outputsPerGroup, kernelHeight, kernelWidth };
}

const biasOf = ({ g }: TransposeCase) => float32s(g.outputChannels, { seed: 7, kind: 'random' });

export const convTransposeF32: KernelTest<TransposeCase> = {
  cases: transposeCase,
  run(arena, input) {
    const { g, range } = input;
    const { input: inputs, output } = elementCounts(g);
    const y = arena.output(output * 4);
    const x = arena.input(float32s(inputs, input.x));
    const [w, bias] = [arena.input(packConvTransposeF32(weightsOf(input))), arena.input(biasOf(input))];
    const scratch = arena.output(convTransposeScratchBytes(g));
    inTwoCalls(arena, g, input.part, (at) => {
      arena.kernels.convTransposeF32(at, x, w, bias, y, range[0], range[1], scratch);
    });
    return arena.float32(y, output);
  },
  /** Scattered, where the kernel collects: input by input in their order. */
  expected(input) {
    const { g, range } = input;
    const { input: inputs, output } = elementCounts(g);
    const x = float32s(inputs, input.x);
    const { data: w, channelsPerGroup, outputsPerGroup } = weightsOf(input);
    const bias = biasOf(input);
    const y = new Float32Array(output).map((_, at) => bias[at % g.outputChannels]!);
    const taps = g.kernelHeight * g.kernelWidth;
    for (let pixel = 0; pixel < inputs / g.inputChannels; pixel++) {
      const ix = pixel % g.inputWidth;
      const line = Math.floor(pixel / g.inputWidth);
      const image = Math.floor(line / g.inputHeight);
      for (let tap = 0; tap < taps; tap++) {
        const [ky, kx] = [Math.floor(tap / g.kernelWidth), tap % g.kernelWidth];
        const oy = (line % g.inputHeight) * g.strideHeight - g.padTop + ky * g.dilationHeight;
        const ox = ix * g.strideWidth - g.padLeft + kx * g.dilationWidth;
        if (oy < 0 || oy >= g.outputHeight || ox < 0 || ox >= g.outputWidth) continue;
        for (let channel = 0; channel < g.outputChannels; channel++) {
          const group = Math.floor(channel / outputsPerGroup);
          let sum = 0;
          for (let i = 0; i < channelsPerGroup; i++) {
            const from = group * channelsPerGroup + i;
            const weight = w[(from * outputsPerGroup + (channel % outputsPerGroup)) * taps + tap]!;
            sum = f(sum + f(x[pixel * g.inputChannels + from]! * weight));
          }
          const at = ((image * g.outputHeight + oy) * g.outputWidth + ox) * g.outputChannels + channel;
          y[at] = f(y[at]! + sum);
        }
      }
    }
    return y.map((value) => clamp(value, range[0], range[1]));
  },
};
