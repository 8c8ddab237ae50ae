import {
  AffineEncoding,
  type DataType,
  type Encoding,
  type Quantization,
  ShapeError,
  SparseEncoding,
  type Tensor,
  type Value,
} from '@espalier/core';
import type { Activation } from '../memory/activation.js';
import { type Grid, gridOf, wideGridOf } from '../memory/grid.js';
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

/** The int16 grid that a value is held on; null where it is not held so. */
export function wideGridOfValue(value: Value | null | undefined): Grid | null {
  if (value?.type == null || value.type.dtype !== 'float32') return null;
  return wideGridOf(value.type.quantization);
}

/** The size of a value along an axis; undefined where it is not known ahead. */
export function knownSize(value: Value | null | undefined, axis: number): number | undefined {
  const size = value?.type?.dims?.[axis];
  return typeof size === 'number' ? size : undefined;
}

/** How many vectors along an axis a value holds; undefined where its shape is not known ahead. */
export function knownRows(value: Value | null | undefined, axis: number): number | undefined {
  const dims = value?.type?.dims;
  if (dims == null) return undefined;
  let rows = 1;
  for (const [at, size] of dims.entries()) {
    if (typeof size !== 'number') return undefined;
    if (at !== (axis + dims.length) % dims.length) rows *= size;
  }
  return rows;
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
  /** How the codes are held. */
  readonly encoding: Encoding;
  /** Decoded when they are first asked for. */
  readonly codes: Int8Array | Uint8Array;
  readonly dims: readonly number[];
  readonly scale: Float32Array;
  readonly zeroPoint: Int32Array;
  readonly axis: number | null;
}

/**
 * The codes of a constant that is held as 8-bit integers: affine over any tree of codes, or sparse with
 * values that are affine on one symmetric grid. null for every other value.
 */
export function integerWeight(value: Value | null | undefined): IntegerWeight | null {
  const integers = value?.constant == null ? null : integersOf(value.constant);
  if (integers === null) return null;
  const { scale, zeroPoint, axis, storageType } = integers.quantization;
  if (storageType !== 'int8' && storageType !== 'uint8') return null;
  const { codes: encoding } = integers;
  let decoded: Int8Array | Uint8Array | null = null;
  return {
    encoding,
    get codes() {
      // The codes have the storage type: the encoding was checked when it was made.
      decoded ??= (encoding.decode() as Tensor<'int8'> | Tensor<'uint8'>).data;
      return decoded;
    },
    dims: encoding.dims,
    scale,
    zeroPoint,
    axis,
  };
}

interface Integers {
  readonly codes: Encoding;
  readonly quantization: Quantization;
}

function integersOf(encoding: Encoding): Integers | null {
  if (encoding instanceof AffineEncoding) {
    return { codes: encoding.children.codes, quantization: encoding.quantization };
  }
  if (!(encoding instanceof SparseEncoding)) return null;
  const values = integersOf(encoding.children.values);
  // What is left out is zero: the code 0 must stand for it.
  if (values === null || values.quantization.axis !== null || values.quantization.zeroPoint[0] !== 0)
    return null;
  return { codes: encoding.withChildren({ values: values.codes }), quantization: values.quantization };
}
