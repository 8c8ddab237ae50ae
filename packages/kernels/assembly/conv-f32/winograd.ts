import { multiplyRowsF32 } from '../gemm-f32/rows';
import { Geometry, panelBytesF32, panels } from '../geometry';
import { clamp4, storeF32, zeroFill } from '../lanes';

/** Output columns multiplied before their products are transformed back. */
const COLUMNS: i32 = 64;

/** Tiles at a time: their transformed inputs, 64 bytes for each channel, stay in the second-level cache. */
@inline
function tilesAtATime(channels: i32): i32 {
  return channels <= 128 ? 32 : 16;
}

/**
 * As ./winograd-scalar.ts, bit for bit: 2 x 2 outputs from 4 x 4 inputs with 16 products a channel instead of 36.
 * Reads up to 12 bytes past the image.
 *
 * w: sixteen matrices as `packGemmF32` packs them, element (i, j) of the transformed kernel at i * 4 + j.
 */
export function winogradF32(
  g: Geometry, x: usize, w: usize, y: usize, low: f32, high: f32, scratch: usize,
): void {
  if (g.firstRow >= g.endRow) return;
  const channels = g.inputChannels;
  const outputs = g.outputChannels;
  const channelBytes = ((channels + 3) & ~3) << 2;
  const tiles = tilesAtATime(channels);
  const across = (g.outputWidth + 1) >> 1;
  const last = tileRow(g, g.endRow - 1) * across + across;
  const zeros = scratch;
  const list = zeros + channelBytes;
  const inputs = list + (tiles << 6);
  // Not a power of two, or the sixteen would have one place in the cache.
  const inputBytes = tiles * channelBytes + 64;
  const products = inputs + inputBytes * 16;
  const productBytes = tiles * COLUMNS * 4 + 64;
  const matrixBytes = panels(outputs) * panelBytesF32(channels);
  zeroFill(zeros, channelBytes);
  for (let tile = tileRow(g, g.firstRow) * across; tile < last; tile += tiles) {
    const count = min(tiles, last - tile);
    for (let i = 0; i < count; i++) {
      listInputs(g, x, tile + i, across, zeros, list + (i << 6));
      transformInput(list + (i << 6), channels, inputs + i * channelBytes, inputBytes);
    }
    for (let column = 0; column < outputs; column += COLUMNS) {
      const columns = min(COLUMNS, outputs - column);
      let matrix = w + (column >> 3) * panelBytesF32(channels);
      for (let i = 0; i < 16; i++) {
        multiplyRowsF32(
          count, columns, 1, channels, inputs + i * inputBytes, channelBytes, 0, matrix, products + i * productBytes,
          COLUMNS * 4, -Infinity, Infinity,
        );
        matrix += matrixBytes;
      }
      for (let i = 0; i < count; i++) {
        const from = products + i * COLUMNS * 4;
        writeTile(g, tile + i, across, from, productBytes, columns, y + (column << 2), low, high);
      }
    }
  }
}

/** The row of tiles that an output row, counted over all images, belongs to. */
@inline
function tileRow(g: Geometry, row: i32): i32 {
  return row / g.outputHeight * ((g.outputHeight + 1) >> 1) + (row % g.outputHeight >> 1);
}

/** Addresses of the 16 input pixels of a tile, `zeros` for padding. Tiles are counted over all images. */
export function listInputs(g: Geometry, x: usize, tile: i32, across: i32, zeros: usize, to: usize): void {
  const rowsOfTiles = (g.outputHeight + 1) >> 1;
  const pixelBytes = g.inputChannels << 2;
  const row = tile / across;
  const image = row / rowsOfTiles;
  const top = (row % rowsOfTiles << 1) - g.padTop;
  const left = (tile % across << 1) - g.padLeft;
  for (let i = 0; i < 4; i++) {
    const iy = top + i;
    const inside = <u32>iy < <u32>g.inputHeight;
    let from = x + ((image * g.inputHeight + iy) * g.inputWidth + left) * pixelBytes;
    for (let j = 0; j < 4; j++) {
      store<u32>(to, <u32>(inside && <u32>(left + j) < <u32>g.inputWidth ? from : zeros));
      from += pixelBytes;
      to += 4;
    }
  }
}

@inline
function inputAt(list: usize, i: i32, offset: i32): v128 {
  return v128.load(<usize>load<u32>(list + (i << 2)) + offset);
}

function transformInput(list: usize, channels: i32, to: usize, step: i32): void {
  for (let offset = 0; offset < channels << 2; offset += 16) transformFour(list, offset, to + offset, step);
}

/**
 * The inputs of a tile, four channels at an offset of bytes: columns, then rows, (d0 - d2, d1 + d2, d2 - d1, d1 - d3). Each
 * of the 16 is stored `step` bytes behind the one before.
 */
@inline
export function transformFour(list: usize, offset: i32, to: usize, step: i32): void {
  let a = inputAt(list, 0, offset);
  let b = inputAt(list, 4, offset);
  let c = inputAt(list, 8, offset);
  let d = inputAt(list, 12, offset);
  const t00 = f32x4.sub(a, c), t10 = f32x4.add(b, c), t20 = f32x4.sub(c, b), t30 = f32x4.sub(b, d);
  a = inputAt(list, 1, offset);
  b = inputAt(list, 5, offset);
  c = inputAt(list, 9, offset);
  d = inputAt(list, 13, offset);
  const t01 = f32x4.sub(a, c), t11 = f32x4.add(b, c), t21 = f32x4.sub(c, b), t31 = f32x4.sub(b, d);
  a = inputAt(list, 2, offset);
  b = inputAt(list, 6, offset);
  c = inputAt(list, 10, offset);
  d = inputAt(list, 14, offset);
  const t02 = f32x4.sub(a, c), t12 = f32x4.add(b, c), t22 = f32x4.sub(c, b), t32 = f32x4.sub(b, d);
  a = inputAt(list, 3, offset);
  b = inputAt(list, 7, offset);
  c = inputAt(list, 11, offset);
  d = inputAt(list, 15, offset);
  const t03 = f32x4.sub(a, c), t13 = f32x4.add(b, c), t23 = f32x4.sub(c, b), t33 = f32x4.sub(b, d);
  let at = transformRow(t00, t01, t02, t03, to, step);
  at = transformRow(t10, t11, t12, t13, at, step);
  at = transformRow(t20, t21, t22, t23, at, step);
  transformRow(t30, t31, t32, t33, at, step);
}

@inline
function transformRow(a: v128, b: v128, c: v128, d: v128, to: usize, step: i32): usize {
  v128.store(to, f32x4.sub(a, c));
  v128.store(to + step, f32x4.add(b, c));
  v128.store(to + step * 2, f32x4.sub(c, b));
  v128.store(to + step * 3, f32x4.sub(b, d));
  return to + step * 4;
}

/** Products back to 2 x 2 outputs, ((m0 + m1) + m2, (m1 - m2) - m3) of columns and rows; stores those that are wanted. */
function writeTile(
  g: Geometry, tile: i32, across: i32, from: usize, step: i32, columns: i32, y: usize, low: f32, high: f32,
): void {
  const rowsOfTiles = (g.outputHeight + 1) >> 1;
  const row = tile / across;
  const oy = row % rowsOfTiles << 1;
  const line = row / rowsOfTiles * g.outputHeight + oy;
  const ox = tile % across << 1;
  const pixelBytes = g.outputChannels << 2;
  const rowBytes = g.outputWidth * pixelBytes;
  const upper = line >= g.firstRow;
  const lower = oy + 1 < g.outputHeight && line + 1 >= g.firstRow && line + 1 < g.endRow;
  const right = ox + 1 < g.outputWidth;
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  let to = y + line * rowBytes + ox * pixelBytes;
  for (; columns > 0; columns -= 4) {
    let m = from;
    const t00 = columnSum(m, step), t10 = columnRest(m, step);
    m += step;
    const t01 = columnSum(m, step), t11 = columnRest(m, step);
    m += step;
    const t02 = columnSum(m, step), t12 = columnRest(m, step);
    m += step;
    const t03 = columnSum(m, step), t13 = columnRest(m, step);
    if (upper) {
      storeF32(to, clamp4(f32x4.add(f32x4.add(t00, t01), t02), least, most), columns);
      if (right) storeF32(to + pixelBytes, clamp4(f32x4.sub(f32x4.sub(t01, t02), t03), least, most), columns);
    }
    if (lower) {
      storeF32(to + rowBytes, clamp4(f32x4.add(f32x4.add(t10, t11), t12), least, most), columns);
      if (right) {
        storeF32(to + rowBytes + pixelBytes, clamp4(f32x4.sub(f32x4.sub(t11, t12), t13), least, most), columns);
      }
    }
    from += 16;
    to += 16;
  }
}

@inline
function columnSum(m: usize, step: i32): v128 {
  return f32x4.add(f32x4.add(v128.load(m), v128.load(m + step * 4)), v128.load(m + step * 8));
}

@inline
function columnRest(m: usize, step: i32): v128 {
  return f32x4.sub(f32x4.sub(v128.load(m + step * 4), v128.load(m + step * 8)), v128.load(m + step * 12));
}
