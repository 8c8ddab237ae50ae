import { DOT16, DOT16_NARROW, HEADER_BYTES, panelStride, PANEL_HEADER_BYTES, rowsPerStep } from '../packed-i8';

/**
 * Writes the weights of `packGemmI8` and `packConvI8` from columns that stand one behind the other: n columns of k int8.
 * What fills up the last panel and the last step is zero. In the place of the biases go the sums of the columns
 * where the format folds the zero point into biases, else zeros; the header of the whole and the multipliers are left to
 * the caller.
 */
export function packColumnsI8(n: i32, k: i32, columns: usize, format: i32, steps: i32, packed: usize): void {
  const rows = rowsPerStep(format);
  const size = format == DOT16 ? 2 : 1;
  packed += HEADER_BYTES;
  for (let first = 0; first < n; first += 8) {
    for (let column = 0; column < 8; column++) {
      let sum = 0;
      for (let row = 0; row < steps * rows; row++) {
        const real = first + column < n && row < k;
        const value = real ? <i32>load<i8>(columns + (first + column) * k + row) : 0;
        const at = packed + PANEL_HEADER_BYTES + ((row / rows * 8 + column) * rows + row % rows) * size;
        if (size == 2) store<i16>(at, <i16>value);
        else store<i8>(at, <i8>value);
        sum += value;
      }
      store<i32>(packed + (column << 2), format > DOT16_NARROW ? sum : 0);
    }
    packed += panelStride(format, steps);
  }
}
