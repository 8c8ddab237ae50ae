import fc from 'fast-check';
import { type Geometry, geometryWords } from '../../src/geometry.js';
import type { TrainKernels } from '../../src/train-loader.js';
import { convWeightGradientWinogradScratchBytes } from '../../src/train-scratch.js';
import { packWinogradF32 as packInTypeScript } from '../../src/winograd-f32.js';
import { elementCounts } from '../cases/geometry.js';
import type { KernelTest } from '../kernel-test.js';
import { data, float32s } from '../random-data.js';

const f = Math.fround;

const axis = fc.record({
  input: fc.integer({ min: 1, max: 5 }),
  padBefore: fc.integer({ min: 0, max: 2 }),
  padAfter: fc.integer({ min: 0, max: 2 }),
});

/** 3 x 3 kernels of stride 1, odd sizes and pads, channels in eights. */
const geometries: fc.Arbitrary<Geometry> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    rows: axis,
    columns: axis,
    inputs: fc.constantFrom(8, 8, 16),
    outputs: fc.constantFrom(8, 8, 16),
  })
  .map(({ batch, rows, columns, inputs, outputs }) => {
    const size = ({ input, padBefore, padAfter }: typeof rows) => input + padBefore + padAfter - 2;
    return {
      batch,
      inputHeight: rows.input + Math.max(0, 1 - size(rows)),
      inputWidth: columns.input + Math.max(0, 1 - size(columns)),
      inputChannels: inputs,
      outputHeight: Math.max(1, size(rows)),
      outputWidth: Math.max(1, size(columns)),
      outputChannels: outputs,
      kernelHeight: 3,
      kernelWidth: 3,
      strideHeight: 1,
      strideWidth: 1,
      dilationHeight: 1,
      dilationWidth: 1,
      padTop: rows.padBefore,
      padLeft: columns.padBefore,
      padBottom: rows.padAfter,
      padRight: columns.padAfter,
      groups: 1,
    };
  });

const gradientCase = fc.record({
  g: geometries,
  x: data,
  dy: data,
  images: fc.integer({ min: 1, max: 2 }),
});
type GradientCase = typeof gradientCase extends fc.Arbitrary<infer T> ? T : never;

function gradientData({ g, x, dy }: GradientCase) {
  const { input, output } = elementCounts(g);
  return { inputs: float32s(input, x), gradients: float32s(output, dy) };
}

export const convWeightGradientWinogradF32: KernelTest<GradientCase, TrainKernels> = {
  cases: gradientCase,
  run(arena, input) {
    const { g, images } = input;
    const { inputs, gradients } = gradientData(input);
    const parts = Math.ceil(g.batch / images);
    const size = parts * g.outputChannels * 9 * g.inputChannels;
    const dw = arena.output(size * 4);
    const [x, dy] = [arena.input(inputs), arena.input(gradients)];
    const scratch = arena.output(convWeightGradientWinogradScratchBytes(g));
    for (let part = parts - 1; part >= 0; part--) {
      const end = Math.min((part + 1) * images, g.batch) * g.outputHeight;
      const at = arena.input(geometryWords(g, { first: part * images * g.outputHeight, end }));
      arena.kernels.convWeightGradientWinogradF32(at, images, x, dy, dw, scratch);
    }
    return arena.float32(dw, size);
  },
  /** Matrices: sums of A dY A' times B' X B over the tiles, then G' U G. */
  expected(input) {
    const { g, images } = input;
    const { inputs, gradients } = gradientData(input);
    const size = g.outputChannels * 9 * g.inputChannels;
    const total = new Float32Array(Math.ceil(g.batch / images) * size);
    const inputAt = (image: number, y: number, x: number, c: number): number =>
      y < 0 || x < 0 || y >= g.inputHeight || x >= g.inputWidth
        ? 0
        : inputs[((image * g.inputHeight + y) * g.inputWidth + x) * g.inputChannels + c]!;
    const gradientAt = (image: number, y: number, x: number, o: number): number =>
      y >= g.outputHeight || x >= g.outputWidth
        ? 0
        : gradients[((image * g.outputHeight + y) * g.outputWidth + x) * g.outputChannels + o]!;
    for (let part = 0; part * images < g.batch; part++) {
      const sums = new Float32Array(16 * g.outputChannels * g.inputChannels);
      for (let image = part * images; image < Math.min((part + 1) * images, g.batch); image++) {
        for (let oy = 0; oy < g.outputHeight; oy += 2) {
          for (let ox = 0; ox < g.outputWidth; ox += 2) {
            const ys = every(g.outputChannels, (o) =>
              both(
                [0, 1].map((i) => [0, 1].map((j) => gradientAt(image, oy + i, ox + j, o))),
                spread,
              ),
            );
            const xs = every(g.inputChannels, (c) =>
              both(
                [0, 1, 2, 3].map((i) =>
                  [0, 1, 2, 3].map((j) => inputAt(image, oy - g.padTop + i, ox - g.padLeft + j, c)),
                ),
                differences,
              ),
            );
            for (const [o, y] of ys.entries()) {
              for (const [c, x] of xs.entries()) {
                for (let e = 0; e < 16; e++) {
                  const at = (o * g.inputChannels + c) * 16 + e;
                  sums[at] = f(sums[at]! + f(y[e >> 2]![e & 3]! * x[e >> 2]![e & 3]!));
                }
              }
            }
          }
        }
      }
      for (let o = 0; o < g.outputChannels; o++) {
        for (let c = 0; c < g.inputChannels; c++) {
          const from = (o * g.inputChannels + c) * 16;
          const u = [0, 4, 8, 12].map((i) => [...sums.subarray(from + i, from + i + 4)]);
          for (const [tap, value] of both(u, back).flat().entries())
            total[part * size + (o * 9 + tap) * g.inputChannels + c] = value;
        }
      }
    }
    return total;
  },
};

/** A transformation of vectors, of the columns of a matrix and then of its rows. */
function both(matrix: readonly number[][], transform: (column: number[]) => number[]): number[][] {
  const columns = matrix[0]!.map((_, j) => transform(matrix.map((row) => row[j]!)));
  return columns[0]!.map((_, i) => transform(columns.map((column) => column[i]!)));
}

function differences([a, b, c, d]: number[]): number[] {
  return [f(a! - c!), f(b! + c!), f(c! - b!), f(b! - d!)];
}

function spread([a, b]: number[]): number[] {
  return [a!, f(a! + b!), f(a! - b!), -b!];
}

function back([a, b, c, d]: number[]): number[] {
  const half = f(f(b! + c!) * 0.5);
  return [f(a! + half), f(f(b! - c!) * 0.5), f(half + d!)];
}

function every<T>(count: number, of: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => of(index));
}

const packCase = fc.record({
  outputs: fc.integer({ min: 1, max: 20 }),
  inputs: fc.integer({ min: 1, max: 12 }),
  w: data,
  hasBias: fc.boolean(),
  /** For the gradient of the input: channels change places, and kernels are turned. */
  turned: fc.boolean(),
});
type PackCase = typeof packCase extends fc.Arbitrary<infer T> ? T : never;

/** Weights [outputs, 3, 3, inputs], and a bias for each column of the product. */
function packData({ outputs, inputs, w, hasBias, turned }: PackCase) {
  const values = float32s(outputs * 9 * inputs + 20, w);
  const columns = turned ? inputs : outputs;
  const bias = hasBias ? values.slice(outputs * 9 * inputs).subarray(0, columns) : undefined;
  return { weights: values.subarray(0, outputs * 9 * inputs), bias };
}

export const packWinogradF32: KernelTest<PackCase, TrainKernels> = {
  cases: packCase,
  run(arena, input) {
    const { outputs, inputs, turned } = input;
    const { weights, bias } = packData(input);
    const [n, k] = turned ? [inputs, outputs] : [outputs, inputs];
    const floats = 4 + 16 * Math.ceil(n / 8) * 8 * (k + 1);
    const packed = arena.output(floats * 4);
    const w = arena.input(weights);
    const at = bias === undefined ? 0 : arena.input(bias);
    if (turned) {
      arena.kernels.packWinogradF32(n, k, w + 8 * inputs * 4, 9 * inputs, 1, -inputs, at, packed);
    } else {
      arena.kernels.packWinogradF32(n, k, w, 1, 9 * inputs, inputs, at, packed);
    }
    return arena.float32(packed, floats);
  },
  expected(input) {
    const { outputs, inputs, turned } = input;
    const { weights, bias } = packData(input);
    const [n, k] = turned ? [inputs, outputs] : [outputs, inputs];
    const weightOf = (column: number, row: number, tap: number): number =>
      turned ? weights[(row * 9 + 8 - tap) * inputs + column]! : weights[(column * 9 + tap) * inputs + row]!;
    const kernels = Float32Array.from({ length: n * k * 9 }, (_, i) =>
      weightOf(Math.floor(i / 9 / k), Math.floor(i / 9) % k, i % 9),
    );
    const shape = { outputChannels: n, channelsPerGroup: k, kernelHeight: 3, kernelWidth: 3, groups: 1 };
    return packInTypeScript({ ...shape, data: kernels, bias });
  },
};
