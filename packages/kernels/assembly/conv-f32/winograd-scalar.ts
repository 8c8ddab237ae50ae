import { Geometry, panelBytesF32, panels } from '../geometry';

/**
 * One sum of a 3 x 3 convolution of stride 1 by F(2 x 2, 3 x 3): Lavin and Gray 2015 (arXiv:1509.09308), section 4.1.
 *
 * The output belongs to a tile of 2 x 2 whose 4 x 4 inputs are transformed, columns first: (d0 - d2, d1 + d2,
 * d2 - d1, d1 - d3). Each of the 16 is multiplied with its matrix, summed in order of channels from what stands
 * before the weights (the bias in matrix 5, which is in all four outputs; zeros elsewhere), and transformed back,
 * columns first: ((m0 + m1) + m2, (m1 - m2) - m3). Every step rounds to float32.
 */
export function winogradSum(g: Geometry, x: usize, w: usize, image: i32, oy: i32, ox: i32, channel: i32): f32 {
  const top = (oy & ~1) - g.padTop;
  const left = (ox & ~1) - g.padLeft;
  const t0 = column(g, x, w, image, top, left, channel, oy & 1, 0);
  const t1 = column(g, x, w, image, top, left, channel, oy & 1, 1);
  const t2 = column(g, x, w, image, top, left, channel, oy & 1, 2);
  const t3 = column(g, x, w, image, top, left, channel, oy & 1, 3);
  return ox & 1 ? t1 - t2 - t3 : t0 + t1 + t2;
}

/** Column j of the products, back to the upper (0) or lower (1) output. */
function column(
  g: Geometry, x: usize, w: usize, image: i32, top: i32, left: i32, channel: i32, lower: i32, j: i32,
): f32 {
  const m1 = product(g, x, w, image, top, left, channel, 1, j);
  const m2 = product(g, x, w, image, top, left, channel, 2, j);
  if (lower) return m1 - m2 - product(g, x, w, image, top, left, channel, 3, j);
  return product(g, x, w, image, top, left, channel, 0, j) + m1 + m2;
}

function product(
  g: Geometry, x: usize, w: usize, image: i32, top: i32, left: i32, channel: i32, i: i32, j: i32,
): f32 {
  const panelBytes = panelBytesF32(g.inputChannels);
  const matrix = w + (i * 4 + j) * panels(g.outputChannels) * panelBytes;
  let weight = matrix + (channel >> 3) * panelBytes + ((channel & 7) << 2);
  let sum = load<f32>(weight);
  for (let c = 0; c < g.inputChannels; c++) {
    weight += 32;
    sum += transformed(g, x, image, top, left, c, i, j) * load<f32>(weight);
  }
  return sum;
}

/** Element (i, j) of the transformed inputs of the tile whose first input is at (top, left). */
export function transformed(g: Geometry, x: usize, image: i32, top: i32, left: i32, c: i32, i: i32, j: i32): f32 {
  if (j == 0) return rows(g, x, image, top, left, c, i) - rows(g, x, image, top, left + 2, c, i);
  if (j == 1) return rows(g, x, image, top, left + 1, c, i) + rows(g, x, image, top, left + 2, c, i);
  if (j == 2) return rows(g, x, image, top, left + 2, c, i) - rows(g, x, image, top, left + 1, c, i);
  return rows(g, x, image, top, left + 1, c, i) - rows(g, x, image, top, left + 3, c, i);
}

function rows(g: Geometry, x: usize, image: i32, top: i32, ix: i32, c: i32, i: i32): f32 {
  if (i == 0) return input(g, x, image, top, ix, c) - input(g, x, image, top + 2, ix, c);
  if (i == 1) return input(g, x, image, top + 1, ix, c) + input(g, x, image, top + 2, ix, c);
  if (i == 2) return input(g, x, image, top + 2, ix, c) - input(g, x, image, top + 1, ix, c);
  return input(g, x, image, top + 1, ix, c) - input(g, x, image, top + 3, ix, c);
}

function input(g: Geometry, x: usize, image: i32, iy: i32, ix: i32, c: i32): f32 {
  if (iy < 0 || iy >= g.inputHeight || ix < 0 || ix >= g.inputWidth) return 0;
  return load<f32>(x + ((((image * g.inputHeight + iy) * g.inputWidth + ix) * g.inputChannels + c) << 2));
}
