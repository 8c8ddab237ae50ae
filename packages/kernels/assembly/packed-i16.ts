/**
 * What `packGemmI16`, `packConvI16` and `packDepthwiseI16` (src/) write: a header of four int32 (kind of multipliers, steps,
 * steps of a chunk, 0), then panels of 8 columns: 8 float64 biases, 8 float64 multipliers, and `steps` steps of int16
 * weights.
 *
 * A step of a matrix is two rows of K, the two weights of a column side by side: 32 bytes. A step of depthwise weights is
 * one tap of 8 channels: 16 bytes.
 *
 * Sums of products of int16 codes and int8 weights take more than 32 bits. Those of a chunk of steps fit int32; chunks are
 * summed in float64, which is exact below 2^53.
 */
export const HEADER_BYTES: i32 = 16;
export const PANEL_HEADER_BYTES: i32 = 128;
/** From the start of a panel to its multipliers. */
export const MULTIPLIERS: i32 = 64;

/** Kinds of multipliers, and what becomes of a sum. The nearest whole number, half to even, of sum * multiplier: rule `onnx`. */
export const NEAREST: i32 = 0;
/**
 * floor(sum * multiplier + 1/2), the multiplier being 15 bits m times 2^(shift - 15). Exact for sums below 2^37 in size: it is
 * (sum * m + 2^(14 - shift)) >> (15 - shift), TensorFlow Lite's rule for sums of 64 bits.
 */
export const HALVES_UP: i32 = 1;

@inline
export function kindOf(packed: usize): i32 {
  return load<i32>(packed);
}

@inline
export function stepsOf(packed: usize): i32 {
  return load<i32>(packed, 4);
}

/** Steps whose sums are sure to fit int32. */
@inline
export function chunkOf(packed: usize): i32 {
  return load<i32>(packed, 8);
}

/** Bytes from one panel of a matrix to the next. */
@inline
export function panelBytes(steps: i32): i32 {
  return PANEL_HEADER_BYTES + (steps << 5);
}

/** Bytes from one panel of depthwise weights to the next. */
@inline
export function depthwisePanelBytes(taps: i32): i32 {
  return PANEL_HEADER_BYTES + (taps << 4);
}
