/** Bytes before the weights that `packConvF32` packs: the format, then zeros. */
export const CONV_HEADER: i32 = 16;

/** Panels of the matrix product. */
export const PANELS: u32 = 0;
