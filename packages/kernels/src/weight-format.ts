/**
 * How int8 weights are packed for the machine: `Kernels.weightFormat`.
 *
 * - dot16: pairs of int16 (or int8, widened when read) for `i32x4.dot_i16x8_s`; runs everywhere
 * - dot8-signed, dot8-unsigned: groups of four int8 for `i32x4.relaxed_dot_i8x16_i7x16_add_s` where its second
 *   operand is read as int8 or as uint8, exactly
 */
export type WeightFormat = 'dot16' | 'dot8-signed' | 'dot8-unsigned';
