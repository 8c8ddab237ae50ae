import { InternalError, ShapeError } from '../errors/errors.js';
import type { DataType, IntegerType } from '../tensor/data-type.js';

/** The size of one dimension: a number, or the name of a size that is known only at run time. */
export type Dim = number | string;

/** The name of a dimension nothing is known of. Two of these are never taken to be equal. */
export const unknownDim = '?';

/**
 * Affine parameters of a value: real = scale * (q - zeroPoint).
 *
 * A value with a quantization still has a float `dtype`: it stands for reals that are multiples of
 * its scale, and the runtime may hold it as `storageType`. An operator computes
 * quantize(op(dequantize(inputs))) when its output has one. That is what ONNX writes as Q/DQ pairs.
 */
export interface Quantization {
  /** > 0; one element, or one for each slice along `axis`. */
  readonly scale: Float32Array;
  /** As many as scales; each within the range of `storageType`. */
  readonly zeroPoint: Int32Array;
  /** The dimension with its own parameters, or null where one pair serves the whole tensor. */
  readonly axis: number | null;
  readonly storageType: IntegerType;
}

/** What is known of a value before it is computed. */
export interface ValueType {
  readonly dtype: DataType;
  /** Row-major shape; null where not even the rank is known. */
  readonly dims: readonly Dim[] | null;
  readonly quantization?: Quantization;
}

/** Makes checked affine parameters. */
export function quantization(q: {
  readonly scale: Float32Array | number;
  readonly zeroPoint?: Int32Array | number;
  readonly axis?: number | null;
  readonly storageType?: IntegerType;
}): Quantization {
  const scale = typeof q.scale === 'number' ? Float32Array.of(q.scale) : q.scale;
  const zeroPoint =
    typeof q.zeroPoint === 'number'
      ? Int32Array.of(q.zeroPoint)
      : (q.zeroPoint ?? new Int32Array(scale.length));
  const axis = q.axis ?? null;
  if (scale.length !== zeroPoint.length || scale.length === 0 || (axis === null && scale.length !== 1)) {
    throw new ShapeError({
      what: `${scale.length} scales and ${zeroPoint.length} zero points do not make a quantization ${axis === null ? 'of a whole tensor' : `along axis ${axis}`}.`,
      fix: 'Pass one scale and zero point, or an axis and one pair for each slice.',
    });
  }
  if (!arePositive(scale)) {
    throw new InternalError({ what: 'A scale is not a positive finite number.' });
  }
  return Object.freeze({ scale, zeroPoint, axis, storageType: q.storageType ?? 'int8' });
}

/** Whether all are positive and finite. A loop, not `every`: models are read before anything is compiled, where a call takes longer than the rest. */
export function arePositive(scale: Float32Array): boolean {
  for (const s of scale) if (!(s > 0) || s === Infinity) return false;
  return true;
}

/** Whether two quantizations mean the same reals for the same codes. */
export function sameQuantization(a: Quantization | undefined, b: Quantization | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.axis === b.axis &&
    a.storageType === b.storageType &&
    a.scale.length === b.scale.length &&
    a.scale.every((s, i) => s === b.scale[i]) &&
    a.zeroPoint.every((z, i) => z === b.zeroPoint[i])
  );
}

/** The dims as numbers, or null where one of them is not known yet. */
export function staticDims(type: ValueType | null): readonly number[] | null {
  if (type?.dims == null) return null;
  const dims: number[] = [];
  for (const dim of type.dims) {
    if (typeof dim !== 'number') return null;
    dims.push(dim);
  }
  return dims;
}

/** `float32[N, 3, 32, 32]`, with ` q int8 scale 0.02 zero 3` behind it where quantized. */
export function printType(type: ValueType | null): string {
  if (type === null) return '?';
  const shape = type.dims === null ? '[...]' : `[${type.dims.join(', ')}]`;
  return `${type.dtype}${shape}${printQuantization(type.quantization)}`;
}

function printQuantization(q: Quantization | undefined): string {
  if (q === undefined) return '';
  const scales =
    q.axis === null
      ? `scale ${shortNumber(q.scale[0] ?? 0)} zero ${q.zeroPoint[0]}`
      : `scale per axis ${q.axis}`;
  return ` q ${q.storageType} ${scales}`;
}

/** The fewest digits that give the same float32 back. */
export function shortNumber(x: number): string {
  if (Object.is(x, -0)) return '-0';
  for (let digits = 1; digits < 10; digits++) {
    const text = x.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(x)) return String(Number(text));
  }
  return String(x);
}
