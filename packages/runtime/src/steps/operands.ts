import { AffineEncoding, type DataType, ShapeError, type Tensor, type Value } from '@espalier/core';
import type { Activation } from '../memory/activation.js';
import { type Grid, gridOf } from '../memory/grid.js';
import type { Job } from '../plan/job.js';

/** The element type of a value; null where it is not known before it is computed. */
export function typeOf(value: Value | null | undefined): DataType | null {
  return value?.type?.dtype ?? value?.constant?.type ?? null;
}

/** Whether a value is known to be float32. */
export function isFloat32Value(value: Value | null | undefined): boolean {
  return typeOf(value) === 'float32';
}

/** The int8 grid that a computed or fed value is held on; null where it is held as reals. */
export function gridOfValue(value: Value | null | undefined): Grid | null {
  if (value?.type == null || value.type.dtype !== 'float32') return null;
  return gridOf(value.type.quantization);
}

/** An activation that a node needs. The verifier has seen to it that required inputs are there. */
export function needed(inputs: readonly (Activation | null)[], index: number, job: Job): Activation {
  const activation = inputs[index];
  if (activation != null) return activation;
  throw new ShapeError({
    what: `${job.node.op} lacks its input ${index}.`,
    where: `node "${job.node.name}"`,
  });
}

/** An 8-bit weight: the codes as they are stored, and what they mean. */
export interface IntegerWeight {
  readonly codes: Int8Array | Uint8Array;
  readonly dims: readonly number[];
  readonly scale: Float32Array;
  readonly zeroPoint: Int32Array;
  readonly axis: number | null;
}

/** The codes of a constant whose outermost encoding is affine over 8 bits; null for every other value. */
export function integerWeight(value: Value | null | undefined): IntegerWeight | null {
  const encoding = value?.constant;
  if (!(encoding instanceof AffineEncoding)) return null;
  const { scale, zeroPoint, axis, storageType } = encoding.quantization;
  if (storageType !== 'int8' && storageType !== 'uint8') return null;
  // The codes have the storage type: the encoding was checked when it was made.
  const codes = encoding.children.codes.decode() as Tensor<'int8'> | Tensor<'uint8'>;
  return { codes: codes.data, dims: codes.dims, scale, zeroPoint, axis };
}
