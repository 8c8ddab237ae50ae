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
  const sums = new Float64Array(outputPlane);
  for (let n = 0; n < batch; n++) {
    for (let channel = 0; channel < counts.output; channel++) {
      const group = Math.floor((channel * groups) / counts.output);
      sums.fill(bias === null ? 0 : bias[channel]!);
      for (let c = 0; c < perGroup; c++) {
        const plane = (n * counts.input + group * perGroup + c) * inputPlane;
        addPlane(x, plane, weights, (channel * perGroup + c) * kernelSize, sums, window);
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
  window: Window,
): void {
  eachTap(window, (tap, depths, rows, columns, [d, r, c]) => {
    const weight = weights[kernelStart + tap]!;
    const [, height, width] = window.input;
    const [strideD, strideR, strideC] = window.stride;
    for (let od = depths[0]; od < depths[1]; od++) {
      for (let or = rows[0]; or < rows[1]; or++) {
        const to = (od * window.output[1] + or) * window.output[2];
        const from = plane + ((od * strideD + d) * height + or * strideR + r) * width + c;
        addScaled(x, from, strideC, weight, sums, to, columns[0], columns[1]);
      }
    }
  });
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
type TapVisitor = (tap: number, depths: Range, rows: Range, columns: Range, shift: Triple) => void;

/** Visits each tap of the kernel with the output positions it serves and its shift against them. */
function eachTap(window: Window, visit: TapVisitor): void {
  const [kernelD, kernelR, kernelC] = window.kernel;
  const shift = (axis: 0 | 1 | 2, k: number) => k * window.dilation[axis] - window.before[axis];
  let tap = 0;
  for (let d = 0; d < kernelD; d++) {
    const depths = validRange(window, 0, d);
    for (let r = 0; r < kernelR; r++) {
      const rows = validRange(window, 1, r);
      for (let c = 0; c < kernelC; c++, tap++) {
        visit(tap, depths, rows, validRange(window, 2, c), [shift(0, d), shift(1, r), shift(2, c)]);
      }
    }
  }
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
  const sums = new Float64Array(toPlane);
  for (let n = 0; n < batch; n++) {
    for (let channel = 0; channel < counts.output; channel++) {
      const group = Math.floor(channel / outPerGroup);
      sums.fill(bias === null ? 0 : bias[channel]!);
      for (let i = 0; i < inPerGroup; i++) {
        const source = group * inPerGroup + i;
        const kernel = (source * outPerGroup + (channel % outPerGroup)) * kernelSize;
        spreadPlane(x, (n * counts.input + source) * fromPlane, weights, kernel, sums, window);
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
  window: Window,
): void {
  eachTap(window, (tap, depths, rows, columns, [d, r, c]) => {
    const weight = weights[kernelStart + tap]!;
    const [, height, width] = window.input;
    const [strideD, strideR, strideC] = window.stride;
    for (let id = depths[0]; id < depths[1]; id++) {
      for (let ir = rows[0]; ir < rows[1]; ir++) {
        const from = plane + (id * window.output[1] + ir) * window.output[2];
        const to = ((id * strideD + d) * height + ir * strideR + r) * width + c;
        for (let i = columns[0]; i < columns[1]; i++) {
          sums[to + i * strideC] = sums[to + i * strideC]! + weight * x[from + i]!;
        }
      }
    }
  });
}
