import { type Layout, layoutsAgree, planesOf } from '@espalier/runtime/tape';

/** The elements of a row-major tensor in the order in which kernels hold them. */
export function toLayout(data: Float32Array, dims: readonly number[], layout: Layout): Float32Array {
  if (layout === 'row-major' || layoutsAgree(dims)) return data;
  const { batch, channels, spatial } = planesOf(dims);
  return transposed(data, batch, channels, spatial);
}

/** The inverse of `toLayout`. */
export function fromLayout(data: Float32Array, dims: readonly number[], layout: Layout): Float32Array {
  if (layout === 'row-major' || layoutsAgree(dims)) return data;
  const { batch, channels, spatial } = planesOf(dims);
  return transposed(data, batch, spatial, channels);
}

/** Each of `batch` matrices of rows and columns, transposed. */
function transposed(data: Float32Array, batch: number, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let image = 0, at = 0; image < batch; image++) {
    const from = image * rows * columns;
    for (let column = 0; column < columns; column++) {
      // In range: from + row * columns + column < length.
      for (let row = 0; row < rows; row++) result[at++] = data[from + row * columns + column] as number;
    }
  }
  return result;
}
