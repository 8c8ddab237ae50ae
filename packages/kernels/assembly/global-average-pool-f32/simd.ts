import { storeF32Pair } from '../lanes';

/** As ./scalar.ts, bit for bit but for the payload of NaN. Reads up to 28 bytes past x. */
export function globalAveragePoolF32(batch: i32, pixels: i32, channels: i32, x: usize, y: usize): void {
  const divisor = f32x4.splat(<f32>pixels);
  const pixelBytes = channels << 2;
  for (let image = 0; image < batch; image++) {
    for (let channel = 0; channel < channels; channel += 8) {
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let from = x + (channel << 2);
      for (let pixel = 0; pixel < pixels; pixel++) {
        s0 = f32x4.add(s0, v128.load(from));
        s1 = f32x4.add(s1, v128.load(from, 16));
        from += pixelBytes;
      }
      storeF32Pair(y + (channel << 2), f32x4.div(s0, divisor), f32x4.div(s1, divisor), channels - channel);
    }
    x += pixels * pixelBytes;
    y += pixelBytes;
  }
}
