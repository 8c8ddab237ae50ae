import {
  clamp,
  type DataType,
  type DenseEncoding,
  type Dim,
  dense,
  type Encoding,
  type IntegerType,
  integerRange,
  type Node,
  type Quantization,
  quantization,
  roundHalfEven,
  sliceLayout,
  type Tensor,
  tensorOf,
  toFloat32,
  toNumbers,
} from '@espalier/core';

/** How codes in blocks become reals. */
export interface BlockQuantization {
  readonly axis: number;
  readonly blockSize: number;
  readonly scales: Encoding;
  readonly zeroPoints: Encoding | undefined;
}

const storageTypes: readonly DataType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32'];

/**
 * Reads scale and zero point of a QuantizeLinear or DequantizeLinear node.
 *
 * @param storageType - of the codes
 * @param dims - of the codes; null where they are not known
 * @returns null where they are computed, in blocks, or not float32: the node then keeps its meaning as it is
 */
export function readQuantization(
  node: Node,
  storageType: DataType,
  dims: readonly Dim[] | null,
): Quantization | null {
  const scale = node.inputs[1]?.constant?.decode();
  const zeroValue = node.inputs[2] ?? null;
  const zeroPoint = zeroValue?.constant?.decode();
  if (scale?.type !== 'float32' || node.attributes.int('block_size', 0) !== 0) return null;
  if (!isStorageType(storageType) || (zeroValue !== null && zeroPoint?.type !== storageType)) return null;
  const scales = toFloat32(scale);
  if (scales.length === 0 || !arePositive(scales)) return null;
  const zeros =
    zeroPoint === undefined ? new Int32Array(scales.length) : Int32Array.from(toNumbers(zeroPoint));
  if (zeros.length !== scales.length || scale.dims.length > 1) return null;
  // 32-bit codes have no zero point. @see ONNX DequantizeLinear-21
  if (storageType === 'int32' && zeros.some((zero) => zero !== 0)) return null;
  // A list of one serves the whole tensor too: the dimension it stands for has one slice.
  if (scale.size === 1) {
    return quantization({ scale: scales, zeroPoint: zeros, axis: null, storageType });
  }
  const axis = axisOf(node, dims);
  if (axis === null || dims?.[axis] !== scales.length) return null;
  return quantization({ scale: scales, zeroPoint: zeros, axis, storageType });
}

/**
 * Reads a DequantizeLinear node with `block_size`.
 *
 * @returns null where there are no blocks, or their parameters are computed, not float32, or do not fit
 */
export function readBlockQuantization(node: Node, codes: Encoding): BlockQuantization | null {
  const blockSize = node.attributes.int('block_size', 0);
  const axis = axisOf(node, codes.dims);
  const scales = node.inputs[1]?.constant;
  const zeroValue = node.inputs[2] ?? null;
  const zeroPoints = zeroValue?.constant ?? undefined;
  if (blockSize < 1 || axis === null || scales?.type !== 'float32' || !isStorageType(codes.type)) return null;
  const dims = codes.dims.with(axis, Math.ceil((codes.dims[axis] ?? 0) / blockSize)).join();
  const isZeroKnown =
    zeroValue === null || (zeroPoints?.type === codes.type && zeroPoints.dims.join() === dims);
  if (scales.dims.join() !== dims || !isZeroKnown || !arePositive(toFloat32(scales.decode()))) return null;
  return { axis, blockSize, scales, zeroPoints };
}

function arePositive(scales: Float32Array): boolean {
  return scales.every((s) => s > 0 && s < Infinity);
}

/** The type of the codes that a QuantizeLinear makes; null where an attribute says it. */
export function storageOf(quantize: Node): DataType | null {
  const zeroPoint = quantize.inputs[2] ?? null;
  if (zeroPoint !== null) return zeroPoint.type?.dtype ?? null;
  return quantize.attributes.has('output_dtype') ? null : 'uint8';
}

function axisOf(node: Node, dims: readonly Dim[] | null): number | null {
  if (dims === null) return null;
  const axis = node.attributes.int('axis', 1);
  const fromStart = axis < 0 ? axis + dims.length : axis;
  return fromStart >= 0 && fromStart < dims.length ? fromStart : null;
}

function isStorageType(type: DataType): type is IntegerType {
  return storageTypes.includes(type);
}

/**
 * The codes of a float32 tensor.
 *
 * @see ONNX QuantizeLinear-21: saturate(round_half_even(x / scale) + zero point), the quotient in float32
 */
export function quantizeTensor(
  tensor: Tensor,
  { scale, zeroPoint, axis, storageType }: Quantization,
): DenseEncoding {
  const x = toFloat32(tensor);
  const codes = new Float64Array(x.length);
  const { min, max } = integerRange(storageType);
  const { slices, inner } =
    axis === null ? { slices: 1, inner: Math.max(x.length, 1) } : sliceLayout(tensor.dims, axis);
  for (let i = 0; i < x.length; i++) {
    const slice = Math.floor(i / inner) % slices;
    const zero = zeroPoint[slice] ?? 0;
    const quotient = Math.fround((x[i] ?? 0) / (scale[slice] ?? 1));
    codes[i] = clamp(roundHalfEven(quotient) + zero, min, max);
  }
  return dense(tensorOf(storageType, codes, tensor.dims));
}
