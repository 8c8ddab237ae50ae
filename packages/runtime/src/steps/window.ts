import { type Attributes, type Node, ShapeError } from '@espalier/core';
import type { Geometry } from '@espalier/kernels';
import { type Refusal, refuse } from '../plan/job.js';

/** How a kernel slides over images, from the attributes of a Conv or pool. One entry for each spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** begins, then ends */
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceil: boolean;
}

/** Beyond these, positions in an image would not fit the 32 bits that kernels compute them in. */
const largest = { step: 2 ** 15, pad: 2 ** 20 };

/**
 * Reads the attributes that Conv and pools share, with ONNX's defaults.
 *
 * A refusal where they are no window: the plain operator then says what is wrong with the node.
 */
export function readWindow(attributes: Attributes, kernel: readonly number[]): Window | Refusal {
  const ones = kernel.map(() => 1);
  const window: Window = {
    kernel,
    strides: attributes.ints('strides', ones),
    dilations: attributes.ints('dilations', ones),
    pads: attributes.ints('pads', [...ones, ...ones].fill(0)),
    autoPad: attributes.string('auto_pad', 'NOTSET'),
    ceil: attributes.int('ceil_mode', 0) === 1,
  };
  const { strides, dilations, pads } = window;
  const steps = [...kernel, ...strides, ...dilations];
  const fits =
    strides.length === kernel.length &&
    dilations.length === kernel.length &&
    pads.length === 2 * kernel.length &&
    steps.every((step) => step >= 1 && step <= largest.step) &&
    pads.every((pad) => pad >= 0 && pad <= largest.pad);
  return fits ? window : refuse('its window is out of range');
}

interface Span {
  readonly output: number;
  readonly padBefore: number;
  readonly padAfter: number;
}

/** Output size and padding along one axis. ONNX Conv and MaxPool, opset 22. */
function spanOf(window: Window, axis: number, input: number): Span {
  const rank = window.kernel.length;
  const stride = window.strides[axis] ?? 1;
  const reach = ((window.kernel[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1;
  if (window.autoPad === 'SAME_UPPER' || window.autoPad === 'SAME_LOWER') {
    const output = Math.ceil(input / stride);
    const total = Math.max(0, (output - 1) * stride + reach - input);
    const less = Math.floor(total / 2);
    const padBefore = window.autoPad === 'SAME_UPPER' ? less : total - less;
    return { output, padBefore, padAfter: total - padBefore };
  }
  const padded = window.autoPad !== 'VALID';
  const padBefore = padded ? (window.pads[axis] ?? 0) : 0;
  const padAfter = padded ? (window.pads[axis + rank] ?? 0) : 0;
  const steps = (input + padBefore + padAfter - reach) / stride;
  let output = (window.ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // A window that would start in the padding at the end is left out.
  if (window.ceil && (output - 1) * stride >= input + padBefore) output--;
  return { output, padBefore, padAfter };
}

export interface Placement {
  /** Logical output shape, [N, C, ...]. */
  readonly outputDims: readonly number[];
  readonly geometry: Geometry;
}

/**
 * Where a window of one or two spatial axes stands on images of a shape.
 *
 * @param dims - [N, C, W] or [N, C, H, W]
 * @throws {ShapeError} when the images are smaller than the window, or the rank does not fit
 */
export function placeWindow(
  node: Node,
  window: Window,
  dims: readonly number[],
  outputChannels: number,
  groups: number,
): Placement {
  const spatial = window.kernel.length;
  if (dims.length !== spatial + 2) {
    throw new ShapeError({
      what: `${node.op} with a kernel of rank ${spatial} got an input of shape [${dims.join(', ')}].`,
      where: `node "${node.name}"`,
    });
  }
  const spans = window.kernel.map((_, axis) => spanOf(window, axis, dims[axis + 2] ?? 0));
  if (spans.some((span) => span.output < 1)) {
    throw new ShapeError({
      what: `${node.op}: the window is larger than its input of shape [${dims.join(', ')}].`,
      where: `node "${node.name}"`,
      fix: 'Feed larger images.',
    });
  }
  const outputDims = [dims[0] ?? 0, outputChannels, ...spans.map((span) => span.output)];
  return { outputDims, geometry: geometryOf(window, dims, spans, outputChannels, groups) };
}

const onePixel: Span = { output: 1, padBefore: 0, padAfter: 0 };

function geometryOf(
  window: Window,
  dims: readonly number[],
  spans: readonly Span[],
  outputChannels: number,
  groups: number,
): Geometry {
  // A row is an image of height 1.
  const flat = spans.length === 1;
  const pick = (values: readonly number[], axis: number): number =>
    flat ? (axis === 0 ? 1 : (values[0] ?? 1)) : (values[axis] ?? 1);
  const rows = flat ? onePixel : (spans[0] ?? onePixel);
  const columns = spans.at(-1) ?? onePixel;
  return {
    batch: dims[0] ?? 0,
    inputHeight: flat ? 1 : (dims[2] ?? 1),
    inputWidth: dims.at(-1) ?? 1,
    inputChannels: dims[1] ?? 1,
    outputHeight: rows.output,
    outputWidth: columns.output,
    outputChannels,
    kernelHeight: pick(window.kernel, 0),
    kernelWidth: pick(window.kernel, 1),
    strideHeight: pick(window.strides, 0),
    strideWidth: pick(window.strides, 1),
    dilationHeight: pick(window.dilations, 0),
    dilationWidth: pick(window.dilations, 1),
    padTop: rows.padBefore,
    padLeft: columns.padBefore,
    padBottom: rows.padAfter,
    padRight: columns.padAfter,
    groups,
  };
}
