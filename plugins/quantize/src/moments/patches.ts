import type { Attributes } from '@espalier/core';

/** How a kernel moves along one spatial axis, in elements. */
interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly count: number;
}

/** Where the patches of a picture are that a convolution multiplies with its weights. */
export interface Patches {
  /** Output positions of one picture. */
  readonly positions: number;
  /** Elements of one patch of one group: channels per group times kernel. */
  readonly length: number;
  readonly groups: number;
  /**
   * Writes the patch of one group at one position, in the order of the weights; what is padded is 0.
   *
   * @param from - the picture [channels, height, width] at `offset`
   * @param to - `length` elements
   */
  read(from: Float32Array, offset: number, position: number, group: number, to: Float64Array): void;
}

/**
 * The patches of a Conv over pictures of some size. Signals are pictures of height 1.
 *
 * @param spatial - height and width of the input, or its length
 * @param weights - dims [outputs, channels per group, ...kernel]
 * @param channels - of the input
 * @see ONNX Conv, opset 22
 */
export function convPatches(
  attributes: Attributes,
  spatial: readonly number[],
  weights: readonly number[],
  channels: number,
): Patches {
  const axes = spatial.map((_, i) => axisOf(attributes, spatial, weights.slice(2), i));
  const unit: Axis = { size: 1, kernel: 1, stride: 1, dilation: 1, before: 0, count: 1 };
  const [rows, columns] = axes.length === 1 ? [unit, axes[0] ?? unit] : [axes[0] ?? unit, axes[1] ?? unit];
  const perGroup = weights[1] ?? 1;
  const length = perGroup * rows.kernel * columns.kernel;
  return {
    positions: rows.count * columns.count,
    length,
    groups: Math.max(1, Math.round(channels / perGroup)),
    read(from, offset, position, group, to) {
      const top = Math.floor(position / columns.count) * rows.stride - rows.before;
      const left = (position % columns.count) * columns.stride - columns.before;
      let at = 0;
      for (let c = group * perGroup; c < (group + 1) * perGroup; c++) {
        for (let i = 0; i < rows.kernel; i++) {
          const y = top + i * rows.dilation;
          const line = offset + (c * rows.size + y) * columns.size;
          const isInside = y >= 0 && y < rows.size;
          for (let j = 0; j < columns.kernel; j++, at++) {
            const x = left + j * columns.dilation;
            to[at] = isInside && x >= 0 && x < columns.size ? (from[line + x] ?? 0) : 0;
          }
        }
      }
    },
  };
}

/** Rows of a matrix, as patches: one position with all columns. */
export function rowPatches(columns: number): Patches {
  return {
    positions: 1,
    length: columns,
    groups: 1,
    read(from, offset, _position, _group, to) {
      for (let i = 0; i < columns; i++) to[i] = from[offset + i] ?? 0;
    },
  };
}

function axisOf(
  attributes: Attributes,
  spatial: readonly number[],
  kernels: readonly number[],
  i: number,
): Axis {
  const rank = spatial.length;
  const [size, kernel] = [spatial[i] ?? 1, kernels[i] ?? 1];
  const stride = attributes.ints('strides', [])[i] ?? 1;
  const dilation = attributes.ints('dilations', [])[i] ?? 1;
  const extent = (kernel - 1) * dilation + 1;
  const autoPad = attributes.string('auto_pad', 'NOTSET');
  if (autoPad.startsWith('SAME')) {
    const count = Math.ceil(size / stride);
    const total = Math.max(0, (count - 1) * stride + extent - size);
    const before = autoPad === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
    return { size, kernel, stride, dilation, before, count };
  }
  const pads = autoPad === 'VALID' ? [] : attributes.ints('pads', []);
  const [before, after] = [pads[i] ?? 0, pads[i + rank] ?? 0];
  const count = Math.max(0, Math.floor((size + before + after - extent) / stride) + 1);
  return { size, kernel, stride, dilation, before, count };
}
