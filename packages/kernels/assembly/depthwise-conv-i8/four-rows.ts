import { Geometry } from '../geometry';
import { scratchColumns } from './layout';

/**
 * Writes four input rows, `apart` rows from one to the next, the bytes of a channel side by side, so that one relaxed dot
 * product adds the products of all: for each of `quads` quads (4, or 2) of channels all columns, 16 bytes each. Bytes are
 * xored with `flip`. Columns on padding get the value of `outside`, a pixel of padding; a row outside the image is that
 * pixel again and again.
 *
 * image, outside: the first channel. quadStride: bytes from one quad to the next. Reads up to 15 bytes past a pixel.
 */
export function fourRows(
  g: Geometry, image: usize, top: i32, apart: i32, quads: i32, flip: v128, outside: usize, to: usize, quadStride: i32,
): void {
  const columns = scratchColumns(g);
  const left = min(g.padLeft, columns);
  const right = min(left + g.inputWidth, columns);
  const r0 = rowAt(g, image, top, outside);
  const r1 = rowAt(g, image, top + apart, outside);
  const r2 = rowAt(g, image, top + apart * 2, outside);
  const r3 = rowAt(g, image, top + apart * 3, outside);
  const s0 = stepOf(g, top);
  const s1 = stepOf(g, top + apart);
  const s2 = stepOf(g, top + apart * 2);
  const s3 = stepOf(g, top + apart * 3);
  const from = to + (left << 4);
  const end = to + (right << 4);
  interleave(quads, outside, 0, outside, 0, outside, 0, outside, 0, flip, to, from, quadStride);
  interleave(quads, r0, s0, r1, s1, r2, s2, r3, s3, flip, from, end, quadStride);
  interleave(quads, outside, 0, outside, 0, outside, 0, outside, 0, flip, end, to + (columns << 4), quadStride);
}

@inline
function rowAt(g: Geometry, image: usize, row: i32, outside: usize): usize {
  return <u32>row < <u32>g.inputHeight ? image + row * g.inputWidth * g.inputChannels : outside;
}

/** Bytes from one pixel of a row to the next. */
@inline
function stepOf(g: Geometry, row: i32): i32 {
  return <u32>row < <u32>g.inputHeight ? g.inputChannels : 0;
}

/** Sixteen channels, or the first eight (2 quads), of the pixels of four rows. */
function interleave(
  quads: i32, p0: usize, step0: i32, p1: usize, step1: i32, p2: usize, step2: i32, p3: usize, step3: i32,
  flip: v128, to: usize, end: usize, quadStride: i32,
): void {
  if (to >= end) return;
  do {
    const r0 = v128.xor(v128.load(p0), flip);
    const r1 = v128.xor(v128.load(p1), flip);
    const r2 = v128.xor(v128.load(p2), flip);
    const r3 = v128.xor(v128.load(p3), flip);
    const low01 = zipLowBytes(r0, r1);
    const low23 = zipLowBytes(r2, r3);
    v128.store(to, zipLowPairs(low01, low23));
    v128.store(to + quadStride, zipHighPairs(low01, low23));
    if (quads == 4) {
      const high01 = zipHighBytes(r0, r1);
      const high23 = zipHighBytes(r2, r3);
      v128.store(to + (quadStride << 1), zipLowPairs(high01, high23));
      v128.store(to + quadStride * 3, zipHighPairs(high01, high23));
    }
    p0 += step0;
    p1 += step1;
    p2 += step2;
    p3 += step3;
    to += 16;
  } while (to < end);
}

@inline
function zipLowBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function zipHighBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

@inline
function zipLowPairs(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

@inline
function zipHighPairs(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
