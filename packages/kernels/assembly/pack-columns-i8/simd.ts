import { DOT16, DOT16_NARROW, HEADER_BYTES, panelStride, PANEL_HEADER_BYTES } from '../packed-i8';
import { packColumnsI8 as packAny } from './scalar';

/**
 * As ./scalar.ts, bit for bit. Whole panels go four steps at a time: the four steps of eight columns are an 8 x 4 matrix
 * of words (half words in the narrow format), which is transposed.
 */
export function packColumnsI8(n: i32, k: i32, columns: usize, format: i32, steps: i32, packed: usize): void {
  const stride = panelStride(format, steps);
  const whole = n & ~7;
  let panel = packed + HEADER_BYTES;
  for (let column = 0; column < whole; column += 8) {
    packPanel(k, columns, format, steps, panel);
    columns += k << 3;
    panel += stride;
  }
  // It adds the header, which stands before the first panel only.
  if (n > whole) packAny(n - whole, k, columns, format, steps, panel - HEADER_BYTES);
}

function packPanel(k: i32, columns: usize, format: i32, steps: i32, panel: usize): void {
  const perStep = format <= DOT16_NARROW ? 2 : 4;
  const block = perStep << 2;
  let to = panel + PANEL_HEADER_BYTES;
  let row = 0;
  for (; row <= k - block; row += block) {
    const at = columns + row;
    if (format == DOT16) {
      const a = v128.load8x8_s(at), b = v128.load8x8_s(at + k);
      const c = v128.load8x8_s(at + 2 * k), d = v128.load8x8_s(at + 3 * k);
      const e = v128.load8x8_s(at + 4 * k), f = v128.load8x8_s(at + 5 * k);
      const g = v128.load8x8_s(at + 6 * k), h = v128.load8x8_s(at + 7 * k);
      transposeWords(a, b, c, d, to);
      transposeWords(e, f, g, h, to + 16);
      to += 128;
    } else if (format == DOT16_NARROW) {
      const ab = zip16(at, k), cd = zip16(at + 2 * k, k), ef = zip16(at + 4 * k, k), gh = zip16(at + 6 * k, k);
      const abcd0 = i32x4.shuffle(ab, cd, 0, 4, 1, 5), abcd2 = i32x4.shuffle(ab, cd, 2, 6, 3, 7);
      const efgh0 = i32x4.shuffle(ef, gh, 0, 4, 1, 5), efgh2 = i32x4.shuffle(ef, gh, 2, 6, 3, 7);
      v128.store(to, i64x2.shuffle(abcd0, efgh0, 0, 2));
      v128.store(to, i64x2.shuffle(abcd0, efgh0, 1, 3), 16);
      v128.store(to, i64x2.shuffle(abcd2, efgh2, 0, 2), 32);
      v128.store(to, i64x2.shuffle(abcd2, efgh2, 1, 3), 48);
      to += 64;
    } else {
      transposeWords(v128.load(at), v128.load(at + k), v128.load(at + 2 * k), v128.load(at + 3 * k), to);
      const lower = at + 4 * k;
      transposeWords(v128.load(lower), v128.load(lower + k), v128.load(lower + 2 * k), v128.load(lower + 3 * k), to + 16);
      to += 128;
    }
  }
  packRest(row, k, columns, format, steps * perStep, to);
  sumPanel(format, steps, panel);
}

/** Rows from `row` on, and zeros up to `end`. */
function packRest(row: i32, k: i32, columns: usize, format: i32, end: i32, to: usize): void {
  const perStep = format <= DOT16_NARROW ? 2 : 4;
  for (; row < end; row += perStep) {
    for (let column = 0; column < 8; column++) {
      for (let i = row; i < row + perStep; i++) {
        const value = i < k ? load<i8>(columns + column * k + i) : 0;
        if (format == DOT16) {
          store<i16>(to, value);
          to += 2;
        } else {
          store<i8>(to++, value);
        }
      }
    }
  }
}

/** Sums of the columns, where their format wants them: a word of a step holds four weights of one column. */
function sumPanel(format: i32, steps: i32, panel: usize): void {
  let low = i32x4.splat(0);
  let high = low;
  if (format > DOT16_NARROW) {
    const end = panel + PANEL_HEADER_BYTES + (steps << 5);
    for (let at = panel + PANEL_HEADER_BYTES; at < end; at += 32) {
      low = i32x4.add(low, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(v128.load(at))));
      high = i32x4.add(high, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(v128.load(at, 16))));
    }
  }
  v128.store(panel, low);
  v128.store(panel, high, 16);
}

/** Four steps of two columns of int8 pairs: a0 b0 a1 b1 ... as half words. */
@inline
function zip16(at: usize, k: i32): v128 {
  return i16x8.shuffle(v128.load64_zero(at), v128.load64_zero(at + k), 0, 8, 1, 9, 2, 10, 3, 11);
}

/** Rows of a 4 x 4 matrix of words to columns, 32 bytes apart. */
@inline
function transposeWords(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
  v128.store(to, i64x2.shuffle(ab0, cd0, 0, 2));
  v128.store(to, i64x2.shuffle(ab0, cd0, 1, 3), 32);
  const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd2 = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(ab2, cd2, 0, 2), 64);
  v128.store(to, i64x2.shuffle(ab2, cd2, 1, 3), 96);
}
