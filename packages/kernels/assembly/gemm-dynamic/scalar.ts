import { addedTo, BIASES, DIVIDED, PANEL_HEADER_BYTES, panelBytes, SCALES, wholeFours } from '../packed-dynamic';
import { DOT16_NARROW } from '../packed-i8';

/**
 * c = clamp(f32(sum over k of (a - zero) * b) by both scales + bias, low, high): sums in int32, then every step in float32.
 *
 * a: int8 [m, k] codes, rows `aStride` bytes apart. units: scale and zero point of the first row, as `dynamicCodes` leaves them; those of
 * the next are `unitStep` bytes on, 8 or 0. b: panels of ../packed-dynamic.ts in `format`. c: [m, n], rows `cStride` floats apart.
 * way: DIVIDED or MULTIPLIED. k <= 65,000: (a - zero) is at most 255 and b at most 127 in size, so sums fit int32.
 * scratch: `scratchBytes` bytes that SIMD uses.
 */
export function gemmDynamic(
  m: i32, n: i32, k: i32, a: usize, aStride: i32, units: usize, unitStep: i32, b: usize, c: usize, cStride: i32,
  low: f32, high: f32, way: i32, format: i32, scratch: usize, scratchBytes: i32,
): void {
  assert(m >= 0 && n >= 0 && k >= 0 && k <= 65000 && cStride >= n);
  assert(unitStep == 0 || unitStep == 8);
  const bytes = panelBytes(wholeFours(k));
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      const panel = b + (column >> 3) * bytes;
      let sum: i32 = 0;
      for (let i = 0; i < k; i++) {
        sum += (<i32>load<i8>(a + row * aStride + i) + addedTo(format)) * weightAt(format, panel, i, column & 7);
      }
      const value = finish(sum, panel, column & 7, units + row * unitStep, low, high, way, format);
      store<f32>(c + ((row * cStride + column) << 2), value);
    }
  }
}

/** Weight (row of K, lane) of a panel. */
export function weightAt(format: i32, panel: usize, row: i32, lane: i32): i32 {
  const at = panel + PANEL_HEADER_BYTES;
  if (format == DOT16_NARROW) return load<i8>(at + ((row >> 1) << 4) + (lane << 1) + (row & 1));
  return load<i8>(at + ((row >> 2) << 5) + (lane << 2) + (row & 3));
}

/** The real of a sum of codes as they stand times weights. */
export function finish(
  sum: i32, panel: usize, lane: i32, unit: usize, low: f32, high: f32, way: i32, format: i32,
): f32 {
  const at = panel + (lane << 2);
  const centred = sum - (load<i32>(unit, 4) + addedTo(format)) * load<i32>(at);
  return real(centred, load<f32>(unit), load<f32>(at + SCALES), load<f32>(at + BIASES), low, high, way);
}

/** The real of a sum of centred codes times weights. */
export function real(sum: i32, unit: f32, scale: f32, bias: f32, low: f32, high: f32, way: i32): f32 {
  const product: f32 = way == DIVIDED ? <f32>sum * (unit * scale) : <f32>sum * unit * scale;
  const value: f32 = product + bias;
  const above = value < low ? low : value;
  return high < above ? high : above;
}
