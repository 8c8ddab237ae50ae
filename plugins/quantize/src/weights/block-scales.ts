import type { BlockLayout } from '@espalier/core';
import {
  blockLayout,
  cast,
  dense,
  type Encoding,
  float16ToFloat32,
  Tensor,
  toFloat16Bits,
} from '@espalier/core';

/** Blocks of weights along the axis of a row. */
export interface Blocks {
  readonly axis: number;
  readonly layout: BlockLayout;
}

/**
 * How the rows of a weight are cut into groups: along the dimension of input channels. Weights of a kernel's places are
 * in different groups.
 *
 * @param axis - the dimension of output channels, or null where there is none
 * @param groupSize - weights that share a scale; 0 where those of a row do
 * @returns null where a row has one group, or there are no rows
 */
export function blocksOf(dims: readonly number[], axis: number | null, groupSize: number): Blocks | null {
  const along = axis === null ? null : inputAxis(dims.length, axis);
  if (along === null || groupSize === 0 || (dims[along] ?? 0) <= groupSize) return null;
  return { axis: along, layout: blockLayout(dims, along, groupSize) };
}

/** Where input channels are: matrices, convolutions, transposed ones, and gates as ONNX packs them. */
function inputAxis(rank: number, axis: number): number | null {
  if (rank === 2) return 1 - axis;
  if (rank < 2) return null;
  if (axis === 0) return 1;
  return rank === 3 ? 2 : 0;
}

/** float16 has all its bits from here on. */
const leastNormal = 2 ** -14;

/** Scales as they are stored. */
export interface StoredScales {
  /** What codes are to be made with. */
  readonly scales: Float32Array;
  readonly encoding: Encoding;
}

/**
 * Scales in float16, rounded, where all are in its range: at 32 weights a group they would take a bit of each weight
 * in float32. The error is a thousandth of a step for each of a code's.
 */
export function storedScales(wanted: Float32Array, dims: readonly number[]): StoredScales {
  const bits = toFloat16Bits(wanted);
  const scales = float16ToFloat32(bits);
  if (!scales.every((scale) => scale >= leastNormal && scale < Infinity))
    return { scales: wanted, encoding: dense(new Tensor('float32', wanted, dims)) };
  return { scales, encoding: cast(dense(new Tensor('float16', bits, dims))) };
}
