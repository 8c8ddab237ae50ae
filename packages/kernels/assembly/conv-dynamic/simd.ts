import { Geometry } from '../geometry';
import { convolve } from './rows';

/** As ./scalar.ts, bit for bit, weights in format DOT16_NARROW. Reads up to 15 bytes past the image. */
export function convDynamic(
  geometry: usize, x: usize, units: usize, imageStep: i32, pixelStep: i32, w: usize, y: usize,
  low: f32, high: f32, way: i32, format: i32, scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  convolve<i16>(g, x, units, imageStep, pixelStep, w, y, low, high, way, format, scratch, scratchBytes);
}
