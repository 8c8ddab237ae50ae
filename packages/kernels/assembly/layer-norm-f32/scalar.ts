import { sumF32, sumOfSquaresF32 } from '../reduce-f32/scalar';

/**
 * Each row of x [rows, columns] normalized: y = (x - mean) * (1 / sqrt(variance + epsilon)) * scale + bias, in float32.
 *
 * scale, bias: `columns` floats, or 0 for none. centered 0 takes the mean to be 0 (RMS normalization). Sums in the order
 * of reduce-f32, divided once; the variance is the mean of the squared distances. y may be x.
 */
export function layerNormF32(
  rows: i32, columns: i32, x: usize, y: usize, scale: usize, bias: usize, epsilon: f32, centered: i32,
): void {
  assert(rows >= 0 && columns >= 0);
  for (let row = 0; row < rows; row++) {
    const from = x + ((row * columns) << 2);
    const to = y + ((row * columns) << 2);
    const mean: f32 = centered ? sumF32(columns, from) / <f32>columns : 0;
    const variance = sumOfSquaresF32(columns, from, mean) / <f32>columns;
    const inverse: f32 = 1 / sqrt<f32>(variance + epsilon);
    for (let i = 0; i < columns << 2; i += 4) {
      let value = (load<f32>(from + i) - mean) * inverse;
      if (scale) value *= load<f32>(scale + i);
      if (bias) value += load<f32>(bias + i);
      store<f32>(to + i, value);
    }
  }
}
