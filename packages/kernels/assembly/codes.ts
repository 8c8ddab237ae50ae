/*
 * Int8 codes to float32: the bits 0x4b00wwww are 2^23 + w for an unsigned 16 bit w, so interleaving with 0x4b00 and
 * one subtraction, which takes the zero point off too, converts four codes. Widening to int32, subtracting the
 * zero point and converting takes half as many instructions more.
 */

/** What `codes4` subtracts: 2^23, the 128 that makes codes unsigned, and the zero point. */
@inline
export function codeOrigin(zero: i32): v128 {
  return f32x4.splat(<f32>(8388608 + 128) + <f32>zero);
}

/** Eight int8 from memory as unsigned 16 bit, 128 more. */
@inline
export function loadWords(from: usize): v128 {
  return v128.xor(v128.load8x8_u(from), i16x8.splat(128));
}

/** f32(code - zero) of the first four of eight words. */
@inline
export function codesLow(words: v128, origin: v128): v128 {
  return f32x4.sub(i16x8.shuffle(words, i16x8.splat(0x4b00), 0, 8, 1, 9, 2, 10, 3, 11), origin);
}

/** f32(code - zero) of the last four of eight words. */
@inline
export function codesHigh(words: v128, origin: v128): v128 {
  return f32x4.sub(i16x8.shuffle(words, i16x8.splat(0x4b00), 4, 12, 5, 13, 6, 14, 7, 15), origin);
}
