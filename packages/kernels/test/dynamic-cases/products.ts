import fc from 'fast-check';
import type { DynamicKernels } from '../../src/dynamic-loader.js';
import {
  DYNAMIC_WAYS,
  type DynamicWay,
  dynamicScratchBytes,
  packConvDynamic,
  packDepthwiseDynamic,
  packMatrixDynamic,
  weightFormatNumber,
} from '../../src/pack-dynamic.js';
import { weightShape } from '../cases/conv-shape.js';
import { shape, strides } from '../cases/gemm-shape.js';
import { elementCounts, forEachWindow, geometries, inTwoCalls } from '../cases/geometry.js';
import type { KernelTest } from '../kernel-test.js';
import { type Data, data, floatRange, int8s, uniform } from '../random-data.js';
import { way } from './codes.js';

type DynamicTest<Case> = KernelTest<Case, DynamicKernels>;
const f = Math.fround;

const ends = { way, range: floatRange, hasBias: fc.boolean(), hasOneScale: fc.boolean() };

interface Ends {
  readonly way: DynamicWay;
  readonly range: readonly [number, number];
  readonly hasBias: boolean;
  readonly hasOneScale: boolean;
}

/** Scales, biases, and the scale and zero point of each range. */
function columnsOf({ hasBias, hasOneScale }: Ends, n: number, units: number, { seed }: Data) {
  const next = uniform(seed ^ 0x1234567);
  const unitWords = new Float32Array(units * 2);
  const zeros = new Int32Array(unitWords.buffer);
  for (let i = 0; i < units; i++) {
    unitWords[i * 2] = next() / 50;
    zeros[i * 2 + 1] = Math.floor(next() * 256) - 128;
  }
  return {
    scales: Float32Array.from({ length: hasOneScale ? 1 : n }, () => next() / 100),
    bias: hasBias ? Float32Array.from({ length: n }, () => next() - 0.5) : undefined,
    unitWords,
    zeros,
  };
}

type ColumnEnds = ReturnType<typeof columnsOf>;

/** The real of a sum of centred codes, each step in float32. */
function real(
  sum: number,
  { scales, bias, unitWords }: ColumnEnds,
  column: number,
  unit: number,
  input: Ends,
) {
  const scale = scales[scales.length === 1 ? 0 : column]!;
  const own = unitWords[unit * 2]!;
  const product = input.way === 'onnx' ? f(f(sum) * f(own * scale)) : f(f(f(sum) * own) * scale);
  const value = f(product + (bias?.[column] ?? 0));
  const above = value < input.range[0] ? input.range[0] : value;
  return above > input.range[1] ? input.range[1] : above;
}

const gemmCase = fc.record({ ...shape, ...ends, hasUnitEach: fc.boolean(), hasLittleRoom: fc.boolean() });
type GemmCase = typeof gemmCase extends fc.Arbitrary<infer T> ? T : never;

function gemmInputs(input: GemmCase) {
  const { m, n, k, aGap } = input;
  const columns = columnsOf(input, n, input.hasUnitEach ? m : 1, input.a);
  return { a: int8s(m * (k + aGap), input.a), data: int8s(k * n, input.b), columns };
}

export const gemmDynamic: DynamicTest<GemmCase> = {
  cases: gemmCase,
  run(arena, input) {
    const { m, n, k, aGap, cGap, range } = input;
    const { a, data: b, columns } = gemmInputs(input);
    const { weightFormat } = arena.kernels;
    const weights = { data: b, k, n, ...strides(input), ...columns };
    const packed = arena.input(packMatrixDynamic(weights, weightFormat));
    const length = m * (n + cGap) - cGap;
    const c = arena.output(length * 4);
    const bytes = input.hasLittleRoom ? 304 + 80 + Math.ceil(k / 4) * 48 + 16 : dynamicScratchBytes(k);
    const units = arena.input(columns.unitWords);
    arena.kernels.gemmDynamic(
      ...([m, n, k, arena.input(a), k + aGap, units, input.hasUnitEach ? 8 : 0] as const),
      ...([packed, c, n + cGap, ...range, DYNAMIC_WAYS[input.way]] as const),
      ...([weightFormatNumber(weightFormat), arena.output(bytes), bytes] as const),
    );
    return arena.float32(c, length);
  },
  expected(input) {
    const { m, n, k, aGap, cGap } = input;
    const { a, data: b, columns } = gemmInputs(input);
    const { rowStride, columnStride } = strides(input);
    const c = new Float32Array(m * (n + cGap) - cGap);
    new Uint8Array(c.buffer).fill(0xa5);
    for (let row = 0; row < m; row++) {
      const unit = input.hasUnitEach ? row : 0;
      const zero = columns.zeros[unit * 2 + 1]!;
      for (let column = 0; column < n; column++) {
        let sum = 0;
        for (let i = 0; i < k; i++)
          sum += (a[row * (k + aGap) + i]! - zero) * b[i * rowStride + column * columnStride]!;
        c[row * (n + cGap) + column] = real(sum, columns, column, unit, input);
      }
    }
    return c;
  },
};

const windows = { x: data, w: data, part: fc.constantFrom(0, 0.3, 1), hasUnitEach: fc.boolean(), ...ends };
const convCase = fc.record({ g: geometries('conv'), hasLittleRoom: fc.boolean(), ...windows });
const eachCase = fc.record({ g: geometries('each'), ...windows });
type ConvCase = typeof convCase extends fc.Arbitrary<infer T> ? T : never;
type EachCase = typeof eachCase extends fc.Arbitrary<infer T> ? T : never;

function isPointwise({ g }: EachCase): boolean {
  if (g.kernelHeight * g.kernelWidth * g.strideHeight * g.strideWidth !== 1 || g.padTop + g.padLeft > 0)
    return false;
  return g.outputHeight === g.inputHeight && g.outputWidth === g.inputWidth;
}

/** Which unit an output pixel has. */
function unitSteps(input: EachCase) {
  const { batch, outputHeight, outputWidth } = input.g;
  const pixels = outputHeight * outputWidth;
  const isPixel = input.hasUnitEach && isPointwise(input);
  const isImage = input.hasUnitEach && !isPixel;
  return {
    imageStep: isImage ? 8 : 0,
    pixelStep: isPixel ? 8 : 0,
    count: isPixel ? batch * pixels : isImage ? batch : 1,
    of: (pixel: number) => (isPixel ? pixel : isImage ? Math.floor(pixel / pixels) : 0),
  };
}

function convInputs(input: EachCase, channelsPerGroup: number) {
  const { outputChannels, kernelHeight, kernelWidth } = input.g;
  return {
    x: int8s(elementCounts(input.g).input, input.x),
    data: int8s(outputChannels * channelsPerGroup * kernelHeight * kernelWidth, input.w),
    columns: columnsOf(input, outputChannels, unitSteps(input).count, input.x),
  };
}

function expectedConv(input: EachCase, channelsPerGroup: number, groups: number): Float32Array {
  const { g } = input;
  const { x, data: w, columns } = convInputs(input, channelsPerGroup);
  const taps = g.kernelHeight * g.kernelWidth;
  const outputs = g.outputChannels / groups;
  const steps = unitSteps(input);
  const y = new Float32Array(elementCounts(g).output);
  forEachWindow(g, (at, channel, places) => {
    const unit = steps.of(Math.floor(at / g.outputChannels));
    const zero = columns.zeros[unit * 2 + 1]!;
    const first = Math.floor(channel / outputs) * channelsPerGroup;
    let sum = 0;
    for (const { pixel, tap } of places) {
      for (let i = 0; i < channelsPerGroup && pixel >= 0; i++) {
        const value = x[pixel * g.inputChannels + first + i]! - zero;
        sum += value * w[(channel * channelsPerGroup + i) * taps + tap]!;
      }
    }
    y[at] = real(sum, columns, channel, unit, input);
  });
  return y;
}

export const convDynamic: DynamicTest<ConvCase> = {
  cases: convCase,
  run(arena, input) {
    const { g, range } = input;
    const own = weightShape(g);
    const { x, data: w, columns } = convInputs(input, own.channelsPerGroup);
    const { weightFormat } = arena.kernels;
    const weights = { ...own, data: w, ...columns, dilationWidth: g.dilationWidth };
    const packed = arena.input(packConvDynamic(weights, weightFormat));
    const { output } = elementCounts(g);
    const y = arena.output(output * 4);
    const bytes = dynamicScratchBytes(g) - (input.hasLittleRoom ? 2 ** 17 - 12 * leastRow(g) : 0);
    const [scratch, from, units] = [arena.output(bytes), arena.input(x), arena.input(columns.unitWords)];
    const { imageStep, pixelStep } = unitSteps(input);
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.convDynamic(
        ...([geometry, from, units, imageStep, pixelStep, packed, y, ...range] as const),
        ...([DYNAMIC_WAYS[input.way], weightFormatNumber(weightFormat), scratch, bytes] as const),
      );
    });
    return arena.float32(y, output);
  },
  expected: (input) => expectedConv(input, weightShape(input.g).channelsPerGroup, input.g.groups),
};

/** Elements of an interleaved row, each run of channels filled up. */
function leastRow(g: ConvCase['g']): number {
  return Math.ceil((g.kernelHeight * g.kernelWidth * (g.inputChannels / g.groups + 3)) / 4) * 4;
}

export const depthwiseConvDynamic: DynamicTest<EachCase> = {
  cases: eachCase,
  run(arena, input) {
    const { g, range } = input;
    const { x, data: w, columns } = convInputs(input, 1);
    const { outputChannels, kernelHeight, kernelWidth } = g;
    const packed = arena.input(
      packDepthwiseDynamic({ data: w, ...columns, outputChannels, kernelHeight, kernelWidth }),
    );
    const { output } = elementCounts(g);
    const y = arena.output(output * 4);
    const [from, units] = [arena.input(x), arena.input(columns.unitWords)];
    const step = input.hasUnitEach && !isPointwise(input) ? 8 : 0;
    inTwoCalls(arena, g, input.part, (geometry) => {
      arena.kernels.depthwiseConvDynamic(
        ...([geometry, from, units, step, packed, y, ...range, DYNAMIC_WAYS[input.way]] as const),
      );
    });
    return arena.float32(y, output);
  },
  expected: (input) =>
    expectedConv(
      { ...input, hasUnitEach: input.hasUnitEach && !isPointwise(input) },
      1,
      input.g.outputChannels,
    ),
};
