import fc from 'fast-check';
import { type Geometry, geometryWords } from '../../src/geometry.js';
import type { Arena } from '../arena.js';
import { size } from '../random-data.js';

const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    padBefore: fc.integer({ min: 0, max: 4 }),
    padAfter: fc.integer({ min: 0, max: 4 }),
    extra: fc.integer({ min: 0, max: 9 }),
    ceil: fc.boolean(),
  })
  .map((one) => {
    const reach = (one.kernel - 1) * one.dilation + 1;
    // At least one window fits the padded image, and the image has at least one pixel.
    const input = Math.max(1, reach - one.padBefore - one.padAfter) + one.extra;
    const room = input + one.padBefore + one.padAfter - reach;
    const floor = Math.floor(room / one.stride) + 1;
    const ceiling = Math.ceil(room / one.stride) + 1;
    // ONNX: no window may start in the padding after the image.
    const fits = (ceiling - 1) * one.stride < input + one.padBefore;
    return { ...one, input, output: one.ceil && fits ? ceiling : floor };
  });

/** Geometries with odd sizes, strides, dilations and pads that differ by side, also wider than the kernel. */
export function geometries(
  channels: 'conv' | 'each',
  inputChannels: fc.Arbitrary<number> = size(channels === 'conv' ? 13 : 37),
): fc.Arbitrary<Geometry> {
  return fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      rows: axis,
      columns: axis,
      groups: fc.constantFrom(1, 1, 2, 3),
      inputs: inputChannels,
      outputs: size(13),
    })
    .map(({ batch, rows, columns, groups, inputs, outputs }) => {
      const split = channels === 'conv' ? groups : 1;
      return {
        batch,
        inputHeight: rows.input,
        inputWidth: columns.input,
        inputChannels: inputs * split,
        outputHeight: rows.output,
        outputWidth: columns.output,
        outputChannels: channels === 'conv' ? outputs * split : inputs,
        kernelHeight: rows.kernel,
        kernelWidth: columns.kernel,
        strideHeight: rows.stride,
        strideWidth: columns.stride,
        dilationHeight: rows.dilation,
        dilationWidth: columns.dilation,
        padTop: rows.padBefore,
        padLeft: columns.padBefore,
        padBottom: rows.padAfter,
        padRight: columns.padAfter,
        groups: split,
      };
    });
}

/** Windows without padding or dilation, at the sizes of well-known networks: kernels have ways of their own for some. */
function plainGeometries(
  kernel: number,
  stride: number,
  {
    inputs,
    outputs,
  }: { readonly inputs: fc.Arbitrary<number>; readonly outputs: fc.Arbitrary<number> | null },
): fc.Arbitrary<Geometry> {
  const windows = fc.integer({ min: 1, max: 6 });
  return fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      rows: windows,
      columns: windows,
      inputs,
      outputs: outputs ?? fc.constant(0),
    })
    .map(({ batch, rows, columns, inputs, outputs: filters }) => ({
      batch,
      inputHeight: (rows - 1) * stride + kernel,
      inputWidth: (columns - 1) * stride + kernel,
      inputChannels: inputs,
      outputHeight: rows,
      outputWidth: columns,
      outputChannels: outputs === null ? inputs : filters,
      kernelHeight: kernel,
      kernelWidth: kernel,
      strideHeight: stride,
      strideWidth: stride,
      dilationHeight: 1,
      dilationWidth: 1,
      padTop: 0,
      padLeft: 0,
      padBottom: 0,
      padRight: 0,
      groups: 1,
    }));
}

/** Pools of 2 x 2 that cover the image. */
export const tiles: fc.Arbitrary<Geometry> = plainGeometries(2, 2, { inputs: size(37), outputs: null });

/** The first layer of LeNet-5: 5 x 5 on one channel. */
export const digits: fc.Arbitrary<Geometry> = plainGeometries(5, 1, {
  inputs: fc.constant(1),
  outputs: size(25),
});

/** Calls `visit` for each output element with the input index of each tap, or -1 where it is padding. */
export function forEachWindow(
  g: Geometry,
  visit: (output: number, channel: number, taps: { pixel: number; tap: number; padded: boolean }[]) => void,
): void {
  for (let image = 0; image < g.batch; image++) {
    for (let oy = 0; oy < g.outputHeight; oy++) {
      for (let ox = 0; ox < g.outputWidth; ox++) {
        const taps = windowTaps(g, image, oy, ox);
        for (let channel = 0; channel < g.outputChannels; channel++) {
          const pixel = (image * g.outputHeight + oy) * g.outputWidth + ox;
          visit(pixel * g.outputChannels + channel, channel, taps);
        }
      }
    }
  }
}

/** pixel: index of the input pixel, -1 outside; padded: outside the image but on its declared padding. */
function windowTaps(g: Geometry, image: number, oy: number, ox: number) {
  const taps: { pixel: number; tap: number; padded: boolean }[] = [];
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
      const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
      const inside = iy >= 0 && iy < g.inputHeight && ix >= 0 && ix < g.inputWidth;
      taps.push({
        pixel: inside ? (image * g.inputHeight + iy) * g.inputWidth + ix : -1,
        tap: ky * g.kernelWidth + kx,
        padded: !inside && iy < g.inputHeight + g.padBottom && ix < g.inputWidth + g.padRight,
      });
    }
  }
  return taps;
}

/**
 * Computes all output rows in two calls, split at a part of them: what one call computes must not depend on
 * the other, and together they are the whole.
 */
export function inTwoCalls(arena: Arena, g: Geometry, part: number, call: (geometry: number) => void): void {
  const rows = g.batch * g.outputHeight;
  const middle = Math.floor(rows * part);
  call(arena.input(geometryWords(g, { first: middle, end: rows })));
  call(arena.input(geometryWords(g, { first: 0, end: middle })));
}

/** Number of input and output elements. */
export function elementCounts(g: Geometry): { input: number; output: number } {
  return {
    input: g.batch * g.inputHeight * g.inputWidth * g.inputChannels,
    output: g.batch * g.outputHeight * g.outputWidth * g.outputChannels,
  };
}
