import { storeF32 } from '../lanes';
import { hash } from './scalar';

/** As ./scalar.ts, bit for bit. Reads up to 12 bytes past x. */
export function dropoutF32(
  n: i32, first: i32, x: usize, y: usize, key: usize, layer: i32, limit: u32, scale: f32,
): void {
  const mixed = i32x4.splat(hash(load<i32>(key) ^ hash(layer)));
  const least = i32x4.splat(limit);
  const factor = f32x4.splat(scale);
  const four = i32x4.splat(4);
  let index = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  for (let left = n; left > 0; left -= 4) {
    const kept = i32x4.ge_u(hash4(i32x4.add(hash4(index), mixed)), least);
    storeF32(y, v128.and(f32x4.mul(v128.load(x), factor), kept), left);
    index = i32x4.add(index, four);
    x += 16;
    y += 16;
  }
}

@inline
function hash4(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x7feb352d));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}
