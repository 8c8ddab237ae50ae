import { ADD, acrossLanes, MAX, storeF32, tailMask } from '../lanes';
import { exp4Inline, log4 } from '../math-f32/simd';

/**
 * As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 12 bytes past x.
 * Four neighbours at a time: of one line where inner is 1, else of four lines.
 */
export function softmaxF32(outer: i32, length: i32, inner: i32, x: usize, y: usize, logarithm: i32): void {
  const alone = inner == 1;
  const bytes = (length * inner) << 2;
  const count = alone ? length >> 2 : length;
  const stride = alone ? 16 : inner << 2;
  const rest = alone ? length & 3 : 0;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i += 4) {
      const at = i << 2;
      line(count, stride, rest, alone ? 4 : inner - i, x + at, y + at, logarithm, alone);
    }
    x += bytes;
    y += bytes;
  }
}

/**
 * count: vectors in which each lane counts; rest: lanes of the vector after them; lanes: how many of each vector are
 * written; alone: all lanes are of one line.
 */
function line(
  count: i32, stride: i32, rest: i32, lanes: i32, x: usize, y: usize, logarithm: i32, alone: bool,
): void {
  const end = x + count * stride;
  const low = f32x4.splat(-Infinity);
  const mask = tailMask(rest);
  let most = low;
  // Not f32x4.max: NaN need not win here, it reaches the sum.
  for (let from = x; from < end; from += stride) most = f32x4.pmax(most, v128.load(from));
  if (rest) most = f32x4.pmax(most, v128.bitselect(v128.load(end), low, mask));
  if (alone) most = acrossLanes(MAX, most);
  let sum = i32x4.splat(0);
  let to = y;
  for (let from = x; from < end; from += stride) {
    const e = exp4Inline(f32x4.sub(v128.load(from), most));
    sum = f32x4.add(sum, e);
    if (!logarithm) storeF32(to, e, lanes);
    to += stride;
  }
  if (rest) {
    const e = exp4Inline(f32x4.sub(v128.load(end), most));
    sum = f32x4.add(sum, v128.and(e, mask));
    if (!logarithm) storeF32(to, e, rest);
  }
  if (alone) sum = acrossLanes(ADD, sum);
  if (logarithm) {
    const log = log4(sum);
    for (let from = x; from < end; from += stride) {
      storeF32(y, f32x4.sub(f32x4.sub(v128.load(from), most), log), lanes);
      y += stride;
    }
    if (rest) storeF32(y, f32x4.sub(f32x4.sub(v128.load(end), most), log), rest);
    return;
  }
  for (; y < to; y += stride) storeF32(y, f32x4.div(v128.load(y), sum), lanes);
  if (rest) storeF32(y, f32x4.div(v128.load(y), sum), rest);
}
