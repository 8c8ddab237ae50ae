import type { Attributes } from '../ir/attributes.js';
import { type Dim, unknownDim } from '../ir/value-type.js';
import { type Dims, dimsDiffer, printDims } from './dims.js';
import type { NodeView } from './node-view.js';

/** How a window moves along one spatial axis. All lengths are in elements. */
export interface WindowAxis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBefore: number;
  readonly padAfter: number;
}

/** How windows of a convolution or pool move: one entry an axis, and how padding is chosen. */
export interface Windows {
  readonly axes: readonly WindowAxis[];
  readonly autoPad: 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER';
  readonly ceil: boolean;
}

/** The kernel sizes: from the attribute, or from the weights behind [outputs, inputs]. */
export function kernelDims(view: NodeView, weights: Dims | null): Dims | null {
  const attribute = view.attributes.ints('kernel_shape');
  const fromWeights = weights?.slice(2) ?? null;
  if (attribute === undefined) return fromWeights;
  if (fromWeights?.some((dim, i) => dimsDiffer(dim, attribute[i]))) {
    throw view.fail(
      `kernel_shape is ${printDims(attribute)}, the weights have kernels of ${printDims(fromWeights)}.`,
    );
  }
  return attribute;
}

/** Reads the attributes that convolutions and pools share. Null where a kernel size is not known. */
export function readWindows(view: NodeView, kernel: Dims, attributes: Attributes): Windows | null {
  const rank = kernel.length;
  const list = (name: string, length: number, fallback: number, least: number): readonly number[] => {
    const values = attributes.ints(name) ?? new Array<number>(length).fill(fallback);
    if (values.length !== length || values.some((value) => value < least)) {
      throw view.fail(`${name} is [${values.join(', ')}] for ${rank} spatial axes.`);
    }
    return values;
  };
  const strides = list('strides', rank, 1, 1);
  const dilations = list('dilations', rank, 1, 1);
  const pads = list('pads', 2 * rank, 0, Number.NEGATIVE_INFINITY);
  const axes: WindowAxis[] = [];
  for (const [i, size] of kernel.entries()) {
    if (typeof size !== 'number') return null;
    axes.push({
      kernel: size,
      stride: strides[i] ?? 1,
      dilation: dilations[i] ?? 1,
      padBefore: pads[i] ?? 0,
      padAfter: pads[i + rank] ?? 0,
    });
  }
  return { axes, autoPad: readAutoPad(view), ceil: attributes.int('ceil_mode', 0) !== 0 };
}

function readAutoPad(view: NodeView): Windows['autoPad'] {
  const mode = view.attributes.string('auto_pad', 'NOTSET') || 'NOTSET';
  if (mode === 'NOTSET' || mode === 'VALID' || mode === 'SAME_UPPER' || mode === 'SAME_LOWER') return mode;
  throw view.fail(`auto_pad is "${mode}".`, 'Use NOTSET, VALID, SAME_UPPER or SAME_LOWER.');
}

/** Elements from the first to the last that one window reads. */
export function reach({ kernel, dilation }: WindowAxis): number {
  return (kernel - 1) * dilation + 1;
}

/**
 * How many windows fit along one axis.
 *
 * @see ONNX MaxPool, opset 22: with ceil_mode, windows that would start in the padding behind are
 * left out
 */
export function windowCount(view: NodeView, size: Dim, axis: WindowAxis, windows: Windows): Dim {
  const { stride, padBefore, padAfter } = axis;
  const same = windows.autoPad.startsWith('SAME');
  if (typeof size !== 'number') {
    const padding = windows.autoPad === 'NOTSET' ? padBefore + padAfter : 0;
    const keepsSize = stride === 1 && (same || padding === reach(axis) - 1);
    return keepsSize ? size : unknownDim;
  }
  if (same) return Math.ceil(size / stride);
  const before = windows.autoPad === 'VALID' ? 0 : padBefore;
  const after = windows.autoPad === 'VALID' ? 0 : padAfter;
  const room = size + before + after - reach(axis);
  if (room < 0) {
    throw view.fail(
      `A window of ${reach(axis)} does not fit ${size} elements padded by ${before} and ${after}.`,
      'Feed a larger input, or check kernel and pads.',
    );
  }
  if (!windows.ceil) return Math.floor(room / stride) + 1;
  const count = Math.ceil(room / stride) + 1;
  return (count - 1) * stride >= size + before ? count - 1 : count;
}
