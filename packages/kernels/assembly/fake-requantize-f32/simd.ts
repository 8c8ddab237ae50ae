import { clamp4, storeF32 } from '../lanes';

export { requantizeMultipliersF32 } from './scalar';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past x and scales. */
export function wholeF32(outer: i32, slices: i32, inner: i32, x: usize, scales: usize, y: usize): void {
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      wholeRun(slices, x, scales, 16, y);
      x += <usize>slices << 2;
      y += <usize>slices << 2;
      continue;
    }
    for (let slice: usize = 0; slice < <usize>slices << 2; slice += 4) {
      wholeRun(inner, x, scales + slice, 0, y);
      x += <usize>inner << 2;
      y += <usize>inner << 2;
    }
  }
}

/** n floats; step: 16 where each has a scale of its own, 0 where all have the first one. */
function wholeRun(n: i32, x: usize, scales: usize, step: usize, y: usize): void {
  let scale = v128.load32_splat(scales);
  for (; n >= 4; n -= 4) {
    if (step != 0) scale = v128.load(scales);
    v128.store(y, f32x4.nearest(f32x4.div(v128.load(x), scale)));
    scales += step;
    x += 16;
    y += 16;
  }
  if (n == 0) return;
  if (step != 0) scale = v128.load(scales);
  storeF32(y, f32x4.nearest(f32x4.div(v128.load(x), scale)), n);
}

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past sums and multipliers. */
export function fakeRequantizeF32(
  rows: i32, columns: i32, sums: usize, multipliers: usize, step: i32, scale: usize, zero: usize, low: f32, high: f32,
  least: f32, most: f32, reals: usize, y: usize,
): void {
  const s = v128.load32_splat(scale);
  const z = v128.load32_splat(zero);
  const first = f32x4.sub(f32x4.splat(low), z);
  const last = f32x4.sub(f32x4.splat(high), z);
  const leastReal = f32x4.splat(least);
  const mostReal = f32x4.splat(most);
  const lowest = clamp4(f32x4.nearest(f32x4.div(leastReal, s)), first, last);
  const highest = clamp4(f32x4.nearest(f32x4.div(mostReal, s)), first, last);
  if (step == 0) {
    columns *= rows;
    rows = min(rows, 1);
  }
  for (let row = 0; row < rows; row++) {
    let multiplier = v128.load32_splat(multipliers);
    let at = multipliers;
    let left = columns;
    for (; left >= 4; left -= 4) {
      if (step != 0) multiplier = v128.load(at);
      const u = f32x4.mul(v128.load(sums), multiplier);
      if (reals != 0) {
        v128.store(reals, clamp4(f32x4.mul(u, s), leastReal, mostReal));
        reals += 16;
      }
      v128.store(y, onGrid(u, lowest, highest, s));
      at += 16;
      sums += 16;
      y += 16;
    }
    if (left == 0) continue;
    if (step != 0) multiplier = v128.load(at);
    const u = f32x4.mul(v128.load(sums), multiplier);
    const bytes = <usize>left << 2;
    if (reals != 0) {
      storeF32(reals, clamp4(f32x4.mul(u, s), leastReal, mostReal), left);
      reals += bytes;
    }
    storeF32(y, onGrid(u, lowest, highest, s), left);
    sums += bytes;
    y += bytes;
  }
}

/** The reals of codes that are rounded and held within bounds; 0 in place of -0. */
@inline
function onGrid(u: v128, lowest: v128, highest: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.add(clamp4(f32x4.nearest(u), lowest, highest), f32x4.splat(0)), scale);
}
