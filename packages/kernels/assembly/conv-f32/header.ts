/** Bytes before the weights that `packConvF32` packs: the format, then zeros. */
export const CONV_HEADER: i32 = 16;

/** Panels of the matrix product. */
export const PANELS: u32 = 0;

/** Sixteen matrices of F(2 x 2, 3 x 3): 3 x 3 kernels of stride and dilation 1 in one group. */
export const WINOGRAD: u32 = 1;
