import type { Numbers } from './elements.js';
import { type Triple, validRange, volumeOf, type Window } from './window.js';

// Indices below run within the arrays they index: `!` drops the undefined that TypeScript adds.

/** Sizes of a convolution besides its window. */
export interface ChannelCounts {
  readonly batch: number;
  /** Input and output channels over all groups. */
  readonly input: number;
  readonly output: number;
  readonly groups: number;
}

/**
 * Slides the kernels over the input, summing each output plane in double.
 *
 * @param x - [batch, input, ...window.input]
 * @param weights - [output, input / groups, ...window.kernel]
 * @param bias - one a output channel, or null
 * @param out - [batch, output, ...window.output]; float64 keeps the sums as they are
 */
export function convolve(
  x: Numbers,
  weights: Numbers,
  bias: Numbers | null,
  out: Numbers,
  counts: ChannelCounts,
  window: Window,
): void {
  const { batch, groups } = counts;
  const perGroup = counts.input / groups;
  const inputPlane = volumeOf(window.input);
  const outputPlane = volumeOf(window.output);
  const kernelSize = volumeOf(window.kernel);
  const taps = tapsOf(window);
  const sums = new Float64Array(outputPlane);
  for (let n = 0; n < batch; n++) {
    for (let channel = 0; channel < counts.output; channel++) {
      const group = Math.floor((channel * groups) / counts.output);
      sums.fill(bias === null ? 0 : bias[channel]!);
      for (let c = 0; c < perGroup; c++) {
        const plane = (n * counts.input + group * perGroup + c) * inputPlane;
        addPlane(x, plane, weights, (channel * perGroup + c) * kernelSize, sums, taps, window);
      }
      out.set(sums, (n * counts.output + channel) * outputPlane);
    }
  }
}

/** Adds one input plane under one kernel to the sums, tap by tap: each tap is a scaled, shifted plane. */
function addPlane(
  x: Numbers,
  plane: number,
  weights: Numbers,
  kernelStart: number,
  sums: Float64Array,
  taps: readonly Tap[],
  { input: [, height, width], output: [, outHeight, outWidth], stride }: Window,
): void {
  for (let t = 0; t < taps.length; t++) {
    const { depths, rows, columns, shift } = taps[t]!;
    const weight = weights[kernelStart + t]!;
    for (let d = depths[0]; d < depths[1]; d++) {
      const slice = plane + (d * stride[0] + shift[0]) * height * width + shift[2];
      for (let r = rows[0]; r < rows[1]; r++) {
        const from = slice + (r * stride[1] + shift[1]) * width;
        const to = (d * outHeight + r) * outWidth;
        addScaled(x, from, stride[2], weight, sums, to, columns[0], columns[1]);
      }
    }
  }
}

/** sums[to + i] += weight * x[from + i * step] for i in [first, end). */
function addScaled(
  x: Numbers,
  from: number,
  step: number,
  weight: number,
  sums: Float64Array,
  to: number,
  first: number,
  end: number,
): void {
  if (step === 1) for (let i = first; i < end; i++) sums[to + i] = sums[to + i]! + weight * x[from + i]!;
  else for (let i = first; i < end; i++) sums[to + i] = sums[to + i]! + weight * x[from + i * step]!;
}

type Range = readonly [number, number];

/** One element of the kernel: the output positions [first, end) it serves, and its shift against them. */
interface Tap {
  readonly depths: Range;
  readonly rows: Range;
  readonly columns: Range;
  readonly shift: Triple;
}

/** In the order of the kernel's elements. */
function tapsOf(window: Window): Tap[] {
  const [kernelD, kernelR, kernelC] = window.kernel;
  const shift = (axis: 0 | 1 | 2, k: number) => k * window.dilation[axis] - window.before[axis];
  const taps: Tap[] = [];
  for (let d = 0; d < kernelD; d++) {
    for (let r = 0; r < kernelR; r++) {
      for (let c = 0; c < kernelC; c++) {
        taps.push({
          depths: validRange(window, 0, d),
          rows: validRange(window, 1, r),
          columns: validRange(window, 2, c),
          shift: [shift(0, d), shift(1, r), shift(2, c)],
        });
      }
    }
  }
  return taps;
}

/**
 * The transpose of `convolve`: spreads each input element over the output, as a convolution's gradient
 * does. `window` describes that convolution: its input is this one's output, and the other way round.
 *
 * @param x - [batch, input, ...window.output]
 * @param weights - [input, output / groups, ...window.kernel]
 * @param out - [batch, output, ...window.input]
 */
export function convolveTransposed(
  x: Numbers,
  weights: Numbers,
  bias: Numbers | null,
  out: Numbers,
  counts: ChannelCounts,
  window: Window,
): void {
  const { batch, groups } = counts;
  const [inPerGroup, outPerGroup] = [counts.input / groups, counts.output / groups];
  const fromPlane = volumeOf(window.output);
  const toPlane = volumeOf(window.input);
  const kernelSize = volumeOf(window.kernel);
  const taps = tapsOf(window);
  const sums = new Float64Array(toPlane);
  for (let n = 0; n < batch; n++) {
    for (let channel = 0; channel < counts.output; channel++) {
      const group = Math.floor(channel / outPerGroup);
      sums.fill(bias === null ? 0 : bias[channel]!);
      for (let i = 0; i < inPerGroup; i++) {
        const source = group * inPerGroup + i;
        const kernel = (source * outPerGroup + (channel % outPerGroup)) * kernelSize;
        spreadPlane(x, (n * counts.input + source) * fromPlane, weights, kernel, sums, taps, window);
      }
      out.set(sums, (n * counts.output + channel) * toPlane);
    }
  }
}

function spreadPlane(
  x: Numbers,
  plane: number,
  weights: Numbers,
  kernelStart: number,
  sums: Float64Array,
  taps: readonly Tap[],
  { input: [, height, width], output: [, outHeight, outWidth], stride }: Window,
): void {
  for (let t = 0; t < taps.length; t++) {
    const { depths, rows, columns, shift } = taps[t]!;
    const weight = weights[kernelStart + t]!;
    for (let d = depths[0]; d < depths[1]; d++) {
      for (let r = rows[0]; r < rows[1]; r++) {
        const from = plane + (d * outHeight + r) * outWidth;
        const slice = (d * stride[0] + shift[0]) * height + r * stride[1] + shift[1];
        const to = slice * width + shift[2];
        for (let i = columns[0]; i < columns[1]; i++) {
          const at = to + i * stride[2];
          sums[at] = sums[at]! + weight * x[from + i]!;
        }
      }
    }
  }
}
