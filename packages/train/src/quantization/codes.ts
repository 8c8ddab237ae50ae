import {
  type AffineEncoding,
  affine,
  clamp,
  dense,
  type Encoding,
  integerRange,
  PackedEncoding,
  packed,
  positionsOf,
  type Quantization,
  roundHalfEven,
  SparseEncoding,
  sliceLayout,
  type Tensor,
  tensorOf,
  toNumbers,
} from '@espalier/core';

/** The least and the greatest code that weights may take, by how they are held: as many bits as before. */
export function codeRange({ children, quantization }: AffineEncoding): {
  readonly low: number;
  readonly high: number;
} {
  const { storageType, zeroPoint } = quantization;
  const bits = packedBits(children.codes);
  const { min, max } = bits === null ? integerRange(storageType) : rangeOfBits(bits, storageType);
  const isSymmetric = min < 0 && zeroPoint.every((zero) => zero === 0);
  if (!isSymmetric) return { low: min, high: max };
  // -w is a code where w is one, unless somebody has used the last code of two's complement.
  const codes = toNumbers(children.codes.decode());
  for (let i = 0; i < codes.length; i++) if (codes[i] === min) return { low: min, high: max };
  return { low: -max, high: max };
}

/**
 * Reals as codes, held as those before: in as many bits, and sparse where they were and what is left out is zero.
 *
 * @param reals - row-major, on the grid or beside it
 * @param parameters - the grid
 */
export function withCodes(before: AffineEncoding, reals: Float32Array, parameters: Quantization): Encoding {
  const range = codeRange(before);
  const codes = codesOf(reals, before.dims, parameters, range);
  const typed = (values: readonly number[] | Int32Array, dims: readonly number[]): Encoding => {
    const tensor = tensorOf(parameters.storageType, Array.from(values), dims);
    const bits = packedBits(before.children.codes);
    // Packed codes are int8 or uint8: the encoding has no others.
    return bits === null ? dense(tensor) : packed(tensor as Tensor<'int8' | 'uint8'>, bits);
  };
  const held = before.children.codes;
  if (held instanceof SparseEncoding) {
    const places = positionsOf(held.children.gaps.decode().data as Uint8Array, held.skip); // `sparse` takes uint8 only
    const kept = Int32Array.from(places, (place) => codes[place] ?? 0);
    const count = (all: Int32Array): number => all.reduce((sum, code) => sum + (code === 0 ? 0 : 1), 0);
    if (count(kept) === count(codes))
      return affine(held.withChildren({ values: typed(kept, [kept.length]) }), parameters);
  }
  return affine(typed(codes, before.dims), parameters);
}

/** code = clamp(roundHalfEven(f32(x / scale)) + zero, low, high), row-major. */
export function codesOf(
  reals: Float32Array,
  dims: readonly number[],
  { scale, zeroPoint, axis }: Quantization,
  { low, high }: { readonly low: number; readonly high: number },
): Int32Array {
  const { slices, inner } =
    axis === null ? { slices: 1, inner: Math.max(1, reals.length) } : sliceLayout(dims, axis);
  return Int32Array.from(reals, (real, i) => {
    const slice = Math.floor(i / inner) % slices;
    const rounded = roundHalfEven(Math.fround(real / (scale[slice] ?? 1)));
    return clamp(rounded + (zeroPoint[slice] ?? 0), low, high);
  });
}

/** Bits of a code, where they are packed somewhere in the tree. */
function packedBits(codes: Encoding): number | null {
  if (codes instanceof PackedEncoding) return codes.bitWidth;
  return codes instanceof SparseEncoding ? packedBits(codes.children.values) : null;
}

function rangeOfBits(bits: number, storageType: Quantization['storageType']) {
  return storageType.startsWith('u')
    ? { min: 0, max: 2 ** bits - 1 }
    : { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}
