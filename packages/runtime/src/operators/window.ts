import { elementCount } from '@espalier/core';
import { shapeError, unsupported } from './failures.js';
import { shown } from './inputs.js';
import type { NamedCall } from './operator.js';

/** Depth, height and width. Signals and images are volumes whose first axes are 1. */
export type Triple = readonly [number, number, number];

/** How a sliding window moves over a volume. */
export interface Window {
  readonly input: Triple;
  readonly kernel: Triple;
  readonly stride: Triple;
  readonly dilation: Triple;
  /** Padding before and after; the last window of a ceiled output may reach beyond the latter. */
  readonly before: Triple;
  readonly after: Triple;
  readonly output: Triple;
  /** The output's spatial dims as the operator gives them: as many as the input's. */
  readonly outputDims: readonly number[];
}

/** Geometry as attributes give it, one number an axis. */
interface Geometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/**
 * The window that the attributes `strides`, `dilations`, `pads`, `auto_pad` and `ceil_mode` describe.
 *
 * @param spatial - the input's dims after batch and channel
 * @param kernel - the window's size, one number for each of them
 * @see ONNX AveragePool, opset 22, for the output sizes
 */
export function readWindow(call: NamedCall, spatial: readonly number[], kernel: readonly number[]): Window {
  const geometry = readGeometry(call, spatial, kernel);
  const { strides, dilations } = geometry;
  const autoPad = call.attributes.string('auto_pad', 'NOTSET');
  const ceil = call.attributes.int('ceil_mode', 0) !== 0;
  const rank = spatial.length;
  const before = geometry.pads.slice(0, rank);
  const after = geometry.pads.slice(rank);
  const output = spatial.map((size, i) => {
    const [stride, extent] = [strides[i] ?? 1, extentOf(kernel[i] ?? 1, dilations[i] ?? 1)];
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
      const count = Math.ceil(size / stride);
      const total = Math.max(0, (count - 1) * stride + extent - size);
      const smaller = Math.floor(total / 2);
      before[i] = autoPad === 'SAME_UPPER' ? smaller : total - smaller;
      after[i] = total - (before[i] ?? 0);
      return count;
    }
    if (autoPad === 'VALID') before[i] = after[i] = 0;
    return countOf(size, before[i] ?? 0, after[i] ?? 0, extent, stride, ceil);
  });
  if (output.some((count) => count < 0)) {
    throw shapeError(call, `a window of ${shown(kernel)} does not fit the padded input ${shown(spatial)}.`);
  }
  return {
    input: toTriple(spatial, 1),
    kernel: toTriple(kernel, 1),
    stride: toTriple(strides, 1),
    dilation: toTriple(dilations, 1),
    before: toTriple(before, 0),
    after: toTriple(after, 0),
    output: toTriple(output, 1),
    outputDims: output,
  };
}

/** The attributes, with their defaults, checked. */
export function readGeometry(
  call: NamedCall,
  spatial: readonly number[],
  kernel: readonly number[],
): Geometry {
  const rank = spatial.length;
  if (rank < 1 || rank > 3) throw unsupported(call, `${rank} spatial axes; one to three are supported.`);
  const ones = new Array<number>(rank).fill(1);
  const strides = call.attributes.ints('strides', ones);
  const dilations = call.attributes.ints('dilations', ones);
  const pads = call.attributes.ints('pads', [...ones, ...ones].fill(0));
  const autoPad = call.attributes.string('auto_pad', 'NOTSET');
  if (!['NOTSET', '', 'SAME_UPPER', 'SAME_LOWER', 'VALID'].includes(autoPad)) {
    throw unsupported(call, `auto_pad "${autoPad}" is unknown.`);
  }
  const counts = [kernel, strides, dilations].map((list) => list.length);
  if (counts.some((count) => count !== rank) || pads.length !== 2 * rank) {
    throw shapeError(
      call,
      `kernel, strides, dilations or pads do not have one entry for each of ${rank} axes.`,
    );
  }
  if ([...kernel, ...strides, ...dilations].some((value) => value < 1) || pads.some((pad) => pad < 0)) {
    throw shapeError(call, 'kernel, strides and dilations must be positive, pads not negative.');
  }
  return { kernel, strides, dilations, pads };
}

/** Elements from the first to the last tap of a dilated kernel, both included. */
export function extentOf(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

function countOf(
  size: number,
  before: number,
  after: number,
  extent: number,
  stride: number,
  ceil: boolean,
): number {
  const room = size + before + after - extent;
  // A window larger than the padded input gives no output, unless ceiling makes one.
  if (!ceil) return Math.max(-1, Math.floor(room / stride)) + 1;
  const count = Math.ceil(room / stride) + 1;
  // The last window must start within the input or the padding before it.
  return (count - 1) * stride >= size + before ? count - 1 : count;
}

/** Spatial dims as a triple, padded in front. */
export function toTriple(values: readonly number[], fill: number): Triple {
  const missing = 3 - values.length;
  return [0, 1, 2].map((i) => values[i - missing] ?? fill) as unknown as Triple;
}

/** Elements of a volume. */
export function volumeOf(size: Triple): number {
  return elementCount(size);
}

/**
 * The output positions [first, end) along one axis whose tap `k` of the kernel falls inside the input;
 * tap `k` of output position o reads input o * stride + k * dilation - before.
 */
export function validRange(window: Window, axis: 0 | 1 | 2, k: number): readonly [number, number] {
  const shift = k * window.dilation[axis] - window.before[axis];
  const stride = window.stride[axis];
  const first = Math.max(0, Math.ceil(-shift / stride));
  const end = Math.min(window.output[axis], Math.floor((window.input[axis] - 1 - shift) / stride) + 1);
  return [first, Math.max(first, end)];
}
