import { DOT8_UNSIGNED } from './packed-i8';

/**
 * What `packMatrixDynamic` and `packConvDynamic` (src/) write for weights of activations whose ranges are known at run time: panels
 * of 8 columns. A panel is 8 int32 sums of its columns, 8 float32 scales, 8 float32 biases, and 8 bytes for each row of K,
 * which stand as the format wants them: four rows of a column side by side (DOT8_SIGNED, DOT8_UNSIGNED), or two (DOT16_NARROW).
 * Rows come in whole fours.
 */
export const PANEL_HEADER_BYTES: i32 = 96;
export const SCALES: i32 = 32;
export const BIASES: i32 = 64;

/** Of each range: float32 scale, int32 zero point. */
export const UNIT_BYTES: i32 = 8;

/** ONNX's DynamicQuantizeLinear: codes are quotients, and a sum is multiplied by the product of both scales. */
export const DIVIDED: i32 = 0;
/** LiteRT's, for what XNNPACK computes: codes are products with a reciprocal, and a sum is multiplied by one scale after the other. */
export const MULTIPLIED: i32 = 1;
/** LiteRT's, for what TensorFlow Lite's own kernels compute: the grid is found in float64, and halves go away from zero. Sums as MULTIPLIED. */
export const AWAY: i32 = 2;

/** Bytes from one panel to the next; k counts rows of K in whole fours. */
@inline
export function panelBytes(k: i32): i32 {
  return PANEL_HEADER_BYTES + (k << 3);
}

/** What is added to codes before they are multiplied: sums hold it times their column too much. */
@inline
export function addedTo(format: i32): i32 {
  return format == DOT8_UNSIGNED ? 128 : 0;
}

/** n in whole fours. */
@inline
export function wholeFours(n: i32): i32 {
  return (n + 3) & ~3;
}
