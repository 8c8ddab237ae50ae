import type { Tensor } from '@espalier/core';
import { numbersOf } from './elements.js';
import { modelError, shapeError, unsupported } from './failures.js';
import { integersOf, optional, required, resolveAxis } from './inputs.js';
import type { Inputs, NamedCall } from './operator.js';

/** How one axis is resized. */
export interface AxisResize {
  readonly inputSize: number;
  readonly outputSize: number;
  readonly scale: number;
  /** Which output index looks at which input coordinate. */
  readonly mode: CoordinateMode;
  /** Part of the axis that is resized, as fractions of it: for `tf_crop_and_resize` only. */
  readonly roi: readonly [number, number];
}

/** coordinate_transformation_mode. */
type CoordinateMode =
  | 'half_pixel'
  | 'half_pixel_symmetric'
  | 'pytorch_half_pixel'
  | 'align_corners'
  | 'asymmetric'
  | 'tf_crop_and_resize';

/** Input coordinate of output index i; `length` is inputSize * scale, which may be fractional. */
type Coordinate = (i: number, axis: AxisResize, length: number) => number;

const halfPixel: Coordinate = (i, { scale }) => (i + 0.5) / scale - 0.5;

/** ONNX Resize, opset 19, coordinate_transformation_mode. */
const coordinates: Readonly<Record<CoordinateMode, Coordinate>> = {
  half_pixel: halfPixel,
  half_pixel_symmetric: (i, axis, length) => {
    const adjustment = axis.outputSize / length;
    return (axis.inputSize / 2) * (1 - adjustment) + halfPixel(i, axis, length);
  },
  pytorch_half_pixel: (i, axis, length) => (length > 1 ? halfPixel(i, axis, length) : 0),
  align_corners: (i, { inputSize }, length) => (length === 1 ? 0 : (i * (inputSize - 1)) / (length - 1)),
  asymmetric: (i, { scale }) => i / scale,
  tf_crop_and_resize: (i, { inputSize, roi: [start, end] }, length) => {
    const last = inputSize - 1;
    const coordinate =
      length > 1 ? start * last + (i * (end - start) * last) / (length - 1) : 0.5 * (start + end) * last;
    return coordinate < 0 || coordinate > last ? Number.NaN : coordinate;
  },
};

/** The input coordinate of each output index; NaN where a crop reaches beyond the input. */
export function sourceCoordinates(axis: AxisResize): Float64Array {
  const coordinate: Coordinate = coordinates[axis.mode];
  return Float64Array.from({ length: axis.outputSize }, (_, i) =>
    coordinate(i, axis, axis.inputSize * axis.scale),
  );
}

/** Whether an axis stays as it is, in every mode. */
export function isIdentity({ inputSize, outputSize, scale, roi }: AxisResize): boolean {
  return inputSize === outputSize && scale === 1 && roi[0] === 0 && roi[1] === 1;
}

/** What the inputs and attributes say about each axis of the first input. */
export function readResize(inputs: Inputs, call: NamedCall): AxisResize[] {
  const x = required(inputs, 0, call);
  const rank = x.dims.length;
  const axes = (call.attributes.ints('axes') ?? x.dims.map((_, axis) => axis)).map((axis) =>
    resolveAxis(axis, rank, call),
  );
  const mode = call.attributes.string('coordinate_transformation_mode', 'half_pixel');
  if (!isMode(mode)) throw unsupported(call, `coordinate_transformation_mode "${mode}" is unknown.`);
  const roi = mode === 'tf_crop_and_resize' ? valuesOf(inputs, 1, 2 * axes.length, call) : null;
  if (mode === 'tf_crop_and_resize' && roi === null)
    throw modelError(call, 'tf_crop_and_resize needs input roi.');
  const targets = targetsOf(x, axes, inputs, call);
  const result = x.dims.map((size, axis): AxisResize => {
    const i = axes.indexOf(axis);
    const { scale, outputSize } = targets[i] ?? { scale: 1, outputSize: size };
    const part =
      roi === null || i < 0 ? ([0, 1] as const) : ([roi[i] ?? 0, roi[i + axes.length] ?? 1] as const);
    return { inputSize: size, outputSize, scale, mode, roi: part };
  });
  return result;
}

function isMode(name: string): name is CoordinateMode {
  return Object.hasOwn(coordinates, name);
}

interface Target {
  readonly scale: number;
  readonly outputSize: number;
}

function targetsOf(x: Tensor, axes: readonly number[], inputs: Inputs, call: NamedCall): Target[] {
  const sizeOf = (i: number) => x.dims[axes[i] ?? 0] ?? 1;
  const scales = valuesOf(inputs, 2, axes.length, call);
  if (scales !== null) {
    return Array.from(scales, (scale, i) => {
      if (!(scale > 0)) throw shapeError(call, `a scale is ${scale}.`, 'Use scales above 0.');
      // In float32, as scales are: 10 * 0.7f is 7 there, and a little less in double.
      return { scale, outputSize: Math.floor(Math.fround(sizeOf(i) * scale)) };
    });
  }
  const given = optional(inputs, 3);
  if (given === null || given.size !== axes.length) {
    throw shapeError(call, `neither scales nor sizes has one entry for each of ${axes.length} axes.`);
  }
  const sizes = integersOf(given);
  if (sizes.some((size) => size < 0)) throw shapeError(call, `a size of [${sizes.join(', ')}] is negative.`);
  const policy = call.attributes.string('keep_aspect_ratio_policy', 'stretch');
  const ratios = sizes.map((size, i) => size / sizeOf(i));
  if (policy === 'stretch') return sizes.map((outputSize, i) => ({ scale: ratios[i] ?? 1, outputSize }));
  if (policy !== 'not_larger' && policy !== 'not_smaller') {
    throw unsupported(call, `keep_aspect_ratio_policy "${policy}" is unknown.`);
  }
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return sizes.map((_, i) => ({ scale, outputSize: Math.floor(scale * sizeOf(i) + 0.5) }));
}

/** The values of an optional input, null where it is left out or empty. */
function valuesOf(inputs: Inputs, index: number, count: number, call: NamedCall): ArrayLike<number> | null {
  const tensor = optional(inputs, index);
  if (tensor === null || tensor.size === 0) return null;
  if (tensor.size === count) return numbersOf(tensor);
  throw shapeError(call, `input ${index} has ${tensor.size} elements, ${count} are expected.`);
}
