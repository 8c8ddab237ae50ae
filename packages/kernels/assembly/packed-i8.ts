/**
 * What `packGemmI8` and `packConvI8` (src/) write: a header of four int32 (format, layout, kind of multipliers,
 * steps), then panels of 8 columns. A panel is 8 int32 biases, the multipliers of 8 columns (float32, or two blocks of
 * ./requantize/rule.ts) and `steps` steps: the weights of one step of K, 4 bytes a column (2 in the narrow format).
 */
export const HEADER_BYTES: i32 = 16;
// @ts-ignore: a constant of the command line
export const PANEL_HEADER_BYTES: i32 = isDefined(FIXED_POINT) ? 128 : 64;

/** Kinds of multipliers. */
export const FLOAT32: i32 = 0;
export const FIXED: i32 = 1;

/** Pairs of int16; the activations are (x - zero) as int16. */
export const DOT16: i32 = 0;
/** Pairs of int8, widened when read: half the bytes, for products of few rows, which memory bounds. */
export const DOT16_NARROW: i32 = 1;
/** Groups of four int8; the activations are int8, and the biases hold what their zero point adds. */
export const DOT8_SIGNED: i32 = 2;
/** As DOT8_SIGNED; the activations are x + 128 as uint8. */
export const DOT8_UNSIGNED: i32 = 3;

/** Rows of K in the order kernel column, kernel row, channel; the channels of a tap fill whole steps. */
export const TAPS: i32 = 0;
/** Kernel row, then a run of kernel columns times channels that fills whole steps: for 1 or 3 channels. */
export const RUNS: i32 = 1;
/** Transformed 3x3 kernels: 16 positions, then channels. */
export const WINOGRAD: i32 = 2;

@inline
export function formatOf(packed: usize): i32 {
  return load<i32>(packed);
}

@inline
export function layoutOf(packed: usize): i32 {
  return load<i32>(packed, 4);
}

/** FLOAT32 or FIXED: what the binary must have been compiled for. */
@inline
export function multiplierKindOf(packed: usize): i32 {
  return load<i32>(packed, 8);
}

/** Steps of K of one panel. */
@inline
export function stepsOf(packed: usize): i32 {
  return load<i32>(packed, 12);
}

/** Rows of K that one step holds. */
@inline
export function rowsPerStep(format: i32): i32 {
  return format >= DOT8_SIGNED ? 4 : 2;
}

/** Bytes from one panel to the next. */
@inline
export function panelStride(format: i32, steps: i32): i32 {
  return PANEL_HEADER_BYTES + (format == DOT16_NARROW ? steps << 4 : steps << 5);
}
