import {
  dequantize,
  integerRange,
  type Quantization,
  roundHalfEven,
  Tensor,
  tensorOf,
  toFloat32,
} from '@espalier/core';

/**
 * A grid of 256 reals, held as int8: real = scale * (code - zero). uint8 codes are shifted by 128 to
 * this form, which means the same reals.
 */
export interface Grid {
  readonly scale: number;
  readonly zero: number;
  /** There are 65536 reals, held as int16; uint16 codes are shifted by 2^15. */
  readonly wide?: true;
}

/** The grid of an 8-bit quantization of a whole tensor; null for every other one. */
export function gridOf(quantization: Quantization | null | undefined): Grid | null {
  if (quantization == null || quantization.axis !== null) return null;
  const { storageType } = quantization;
  const scale = quantization.scale[0] ?? 1;
  const zero = quantization.zeroPoint[0] ?? 0;
  if (storageType === 'int8') return { scale, zero };
  return storageType === 'uint8' ? { scale, zero: zero - 128 } : null;
}

/** The grid of a 16-bit quantization of a whole tensor; null for every other one. */
export function wideGridOf(quantization: Quantization | null | undefined): Grid | null {
  if (quantization == null || quantization.axis !== null) return null;
  const { storageType } = quantization;
  if (storageType !== 'int16' && storageType !== 'uint16') return null;
  const scale = quantization.scale[0] ?? 1;
  const zero = (quantization.zeroPoint[0] ?? 0) - (storageType === 'uint16' ? 2 ** 15 : 0);
  return { scale, zero, wide: true };
}

export function sameGrid(a: Grid, b: Grid): boolean {
  return a.scale === b.scale && a.zero === b.zero && a.wide === b.wide;
}

/** Adding and subtracting 1.5 * 2^52 leaves the nearest integer, ties to even, for |x| < 2^51. */
const ROUNDING = 6755399441055744;

/**
 * The nearest code of one real: clamp(roundHalfEven(f32(x / scale)) + zero, -128, 127). NaN gives -128.
 *
 * @see ONNX QuantizeLinear, opset 21
 */
export function codeOf(x: number, { scale, zero }: Grid): number {
  const quotient = Math.fround(x / scale);
  // Bounds are whole numbers, so clamping before rounding gives what clamping after it gives.
  const inside = quotient > -128 - zero ? Math.min(quotient, 127 - zero) : -128 - zero;
  return inside + ROUNDING - ROUNDING + zero;
}

/** Writes the code of each element. */
export function writeCodes(from: Float32Array, to: Int8Array, { scale, zero }: Grid): void {
  const low = -128 - zero;
  const high = 127 - zero;
  for (let i = 0; i < from.length; i++) {
    const quotient = Math.fround((from[i] as number) / scale); // i < length
    const inside = quotient > low ? (quotient < high ? quotient : high) : low;
    to[i] = inside + ROUNDING - ROUNDING + zero;
  }
}

/** Writes the real each code stands for, in float32. */
export function writeReals(from: Int8Array, to: Float32Array, { scale, zero }: Grid): void {
  for (let i = 0; i < from.length; i++) to[i] = scale * ((from[i] as number) - zero); // i < length
}

/**
 * Float values moved to the nearest point of any quantization's grid: quantized and dequantized.
 *
 * q = clamp(roundHalfEven(f32(x / scale)) + zeroPoint); real = scale * (q - zeroPoint)
 */
export function fakeQuantize(tensor: Tensor, quantization: Quantization): Tensor {
  const { scale, zeroPoint, axis, storageType } = quantization;
  const reals = toFloat32(tensor);
  const range = integerRange(storageType);
  const inner = axis === null ? 0 : tensor.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const codes = new Float64Array(reals.length);
  for (let i = 0; i < reals.length; i++) {
    const slice = axis === null ? 0 : Math.floor(i / inner) % scale.length;
    const zero = zeroPoint[slice] ?? 0;
    const code = roundHalfEven(Math.fround((reals[i] ?? 0) / (scale[slice] ?? 1))) + zero;
    codes[i] = code > range.min ? Math.min(code, range.max) : range.min;
  }
  const onGrid = dequantize(new Tensor('float64', codes, tensor.dims), quantization);
  if (tensor.type === 'float32') return new Tensor('float32', onGrid, tensor.dims);
  return tensorOf(tensor.type, onGrid, tensor.dims);
}
