import { panelBytesF32 } from '../geometry';
import { clamp4, storeF32Pair } from '../lanes';

/** Bytes of `a` kept in the second-level cache while all panels of `b` pass over them. */
const BLOCK_BYTES: i32 = 131072;

/** As ./scalar.ts, bit for bit. Reads no byte past the rows of `a` and the panels of `b`. */
export function gemmF32(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  const rows = max(8, BLOCK_BYTES / max(k << 2, 1) & ~3);
  for (let row = 0; row < m; row += rows) {
    const block = min(rows, m - row);
    multiplyF32(
      block, n, k, a + ((row * aStride) << 2), aStride << 2, b, c + ((row * cStride) << 2), cStride << 2, low, high,
    );
  }
}

/** One block of rows; strides in bytes. */
export function multiplyF32(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, b: usize, c: usize, cStride: i32, low: f32, high: f32,
): void {
  const panelBytes = panelBytesF32(k);
  const tiled = m & ~3;
  if (tiled) {
    let panel = b;
    for (let column = 0; column < n; column += 8) {
      for (let row = 0; row < tiled; row += 4) {
        tile4x8(k, a + row * aStride, aStride, panel, c + row * cStride + (column << 2), cStride, n - column, low, high);
      }
      panel += panelBytes;
    }
  }
  for (let row = tiled; row < m; row++) {
    let panel = b;
    let column = 0;
    const from = a + row * aStride;
    const to = c + row * cStride;
    for (; column + 32 <= n; column += 32) {
      tile1x32(k, from, panel, panelBytes, to + (column << 2), low, high);
      panel += panelBytes << 2;
    }
    for (; column < n; column += 8) {
      tile1x8(k, from, panel, to + (column << 2), n - column, low, high);
      panel += panelBytes;
    }
  }
}

/** 4 rows by 8 columns: 8 sums, 2 weights, 1 input fit the 16 registers of x64. The loop is not unrolled: Node 20 is slower then. */
function tile4x8(
  k: i32, a0: usize, aStride: i32, b: usize, c: usize, cStride: i32, columns: i32, low: f32, high: f32,
): void {
  let s00 = v128.load(b);
  let s01 = v128.load(b, 16);
  let s10 = s00, s20 = s00, s30 = s00;
  let s11 = s01, s21 = s01, s31 = s01;
  let a1 = a0 + aStride;
  let a2 = a1 + aStride;
  let a3 = a2 + aStride;
  for (const end = a0 + (k << 2); a0 < end; ) {
    b += 32;
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a0);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load32_splat(a1);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load32_splat(a2);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load32_splat(a3);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  storeF32Pair(c, clamp4(s00, least, most), clamp4(s01, least, most), columns);
  storeF32Pair(c + cStride, clamp4(s10, least, most), clamp4(s11, least, most), columns);
  storeF32Pair(c + cStride * 2, clamp4(s20, least, most), clamp4(s21, least, most), columns);
  storeF32Pair(c + cStride * 3, clamp4(s30, least, most), clamp4(s31, least, most), columns);
}

/** One row over four panels: eight independent sums, where one panel alone would wait for its additions. */
function tile1x32(k: i32, a: usize, b0: usize, panelBytes: i32, c: usize, low: f32, high: f32): void {
  let b1 = b0 + panelBytes;
  let b2 = b1 + panelBytes;
  let b3 = b2 + panelBytes;
  let s0 = v128.load(b0), s1 = v128.load(b0, 16);
  let s2 = v128.load(b1), s3 = v128.load(b1, 16);
  let s4 = v128.load(b2), s5 = v128.load(b2, 16);
  let s6 = v128.load(b3), s7 = v128.load(b3, 16);
  for (const end = a + (k << 2); a < end; a += 4) {
    b0 += 32;
    b1 += 32;
    b2 += 32;
    b3 += 32;
    const x = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b0)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b0, 16)));
    s2 = f32x4.add(s2, f32x4.mul(x, v128.load(b1)));
    s3 = f32x4.add(s3, f32x4.mul(x, v128.load(b1, 16)));
    s4 = f32x4.add(s4, f32x4.mul(x, v128.load(b2)));
    s5 = f32x4.add(s5, f32x4.mul(x, v128.load(b2, 16)));
    s6 = f32x4.add(s6, f32x4.mul(x, v128.load(b3)));
    s7 = f32x4.add(s7, f32x4.mul(x, v128.load(b3, 16)));
  }
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  v128.store(c, clamp4(s0, least, most));
  v128.store(c, clamp4(s1, least, most), 16);
  v128.store(c, clamp4(s2, least, most), 32);
  v128.store(c, clamp4(s3, least, most), 48);
  v128.store(c, clamp4(s4, least, most), 64);
  v128.store(c, clamp4(s5, least, most), 80);
  v128.store(c, clamp4(s6, least, most), 96);
  v128.store(c, clamp4(s7, least, most), 112);
}

function tile1x8(k: i32, a: usize, b: usize, c: usize, columns: i32, low: f32, high: f32): void {
  let s0 = v128.load(b);
  let s1 = v128.load(b, 16);
  for (const end = a + (k << 2); a < end; a += 4) {
    b += 32;
    const x = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b, 16)));
  }
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  storeF32Pair(c, clamp4(s0, least, most), clamp4(s1, least, most), columns);
}
