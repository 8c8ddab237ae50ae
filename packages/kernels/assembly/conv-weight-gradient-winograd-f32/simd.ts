import { listInputs, transformFour } from '../conv-f32/winograd';
import { Geometry } from '../geometry';
import { mulAdd } from '../mul-add';

/** Floats of transformed inputs and gradients that stay in the second-level cache. */
const BLOCK_FLOATS: i32 = 131072;

/** Tiles at a time. It is no part of the result: sums go on from tile to tile. */
@inline
function tilesAtATime(channels: i32): i32 {
  return max(8, min(64, (BLOCK_FLOATS / (channels << 4)) & ~7));
}

/** Bytes from one element's panels to the next: not a power of two, or all sixteen would have one place in the cache. */
@inline
function elementBytes(tiles: i32, channels: i32): i32 {
  return ((tiles * channels) << 2) + 64;
}

/**
 * As ./scalar.ts, bit for bit. A block of tiles is transformed into panels, of 8 channels for inputs and of 4 for
 * gradients, in which a tile is a row; then each of the 16 elements is a product of matrices that is added to its sums.
 *
 * scratch: 16 byte aligned, `convWeightGradientWinogradScratchBytes` bytes: zeros, addresses of a tile, panels, sums.
 */
export function convWeightGradientWinogradF32(
  geometry: usize, images: i32, x: usize, dy: usize, dw: usize, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const rowsOfPart = images * g.outputHeight;
  const n = g.outputChannels * g.inputChannels;
  const across = (g.outputWidth + 1) >> 1;
  const tilesOfImage = ((g.outputHeight + 1) >> 1) * across;
  const zeros = max(g.inputChannels, g.outputChannels) << 2;
  const tiles = tilesAtATime(g.inputChannels + g.outputChannels);
  const inputs = scratch + zeros + 64;
  const inputBytes = elementBytes(tiles, g.inputChannels);
  const gradientBytes = elementBytes(tiles, g.outputChannels);
  const gradients = inputs + (inputBytes << 4);
  const sums = gradients + (gradientBytes << 4);
  memory.fill(scratch, 0, zeros);
  for (let row = g.firstRow; row < g.endRow; row += rowsOfPart) {
    const first = row / g.outputHeight;
    const end = min(first + images, g.batch) * tilesOfImage;
    memory.fill(sums, 0, n << 6);
    for (let tile = first * tilesOfImage; tile < end; tile += tiles) {
      const count = min(tiles, end - tile);
      for (let i = 0; i < count; i++) {
        listInputs(g, x, tile + i, across, scratch, scratch + zeros);
        transformInputs(scratch + zeros, g.inputChannels, inputs + (i << 5), tiles);
        transformGradients(g, dy, tile + i, across, tilesOfImage, scratch, gradients + (i << 4), tiles);
      }
      for (let element = 0; element < 16; element++) {
        multiply(
          count, tiles, g.outputChannels, g.inputChannels, gradients + element * gradientBytes,
          inputs + element * inputBytes, sums + ((element * n) << 2),
        );
      }
    }
    writeWeights(g.outputChannels, g.inputChannels, sums, dw + (row / rowsOfPart * n * 36));
  }
}

/** Into one row of the panels of 8 channels of each element. */
function transformInputs(list: usize, channels: i32, to: usize, tiles: i32): void {
  const step = elementBytes(tiles, channels);
  for (let offset = 0; offset < channels << 2; offset += 32) {
    transformFour(list, offset, to, step);
    transformFour(list, offset + 16, to + 16, step);
    to += tiles << 5;
  }
}

/** Into one row of the panels of 4 channels of each element. */
function transformGradients(
  g: Geometry, dy: usize, tile: i32, across: i32, tilesOfImage: i32, zeros: usize, to: usize, tiles: i32,
): void {
  const pixelBytes = g.outputChannels << 2;
  const step = elementBytes(tiles, g.outputChannels);
  const oy = tile % tilesOfImage / across << 1;
  const ox = tile % across << 1;
  const hasLower = oy + 1 < g.outputHeight;
  const hasRight = ox + 1 < g.outputWidth;
  let a = dy + ((tile / tilesOfImage * g.outputHeight + oy) * g.outputWidth + ox) * pixelBytes;
  const below = a + g.outputWidth * pixelBytes;
  let b = hasRight ? a + pixelBytes : zeros;
  let c = hasLower ? below : zeros;
  let d = hasRight && hasLower ? below + pixelBytes : zeros;
  for (let channel = 0; channel < g.outputChannels; channel += 4) {
    const a0 = v128.load(a), b0 = v128.load(b), c0 = v128.load(c), d0 = v128.load(d);
    let at = spreadRow(a0, b0, to, step);
    at = spreadRow(f32x4.add(a0, c0), f32x4.add(b0, d0), at, step);
    at = spreadRow(f32x4.sub(a0, c0), f32x4.sub(b0, d0), at, step);
    spreadRow(f32x4.neg(c0), f32x4.neg(d0), at, step);
    a += 16;
    b += 16;
    c += 16;
    d += 16;
    to += tiles << 4;
  }
}

@inline
function spreadRow(left: v128, right: v128, to: usize, step: i32): usize {
  v128.store(to, left);
  v128.store(to + step, f32x4.add(left, right));
  v128.store(to + step * 2, f32x4.sub(left, right));
  v128.store(to + step * 3, f32x4.neg(right));
  return to + step * 4;
}

/** c[outputs, channels] += a' * b, both of which have a row for each of `count` tiles, in panels of `tiles` rows. */
function multiply(count: i32, tiles: i32, outputs: i32, channels: i32, a: usize, b: usize, c: usize): void {
  const stride = channels << 2;
  for (let channel = 0; channel < channels; channel += 8) {
    let from = a;
    let to = c + (channel << 2);
    for (let output = 0; output < outputs; output += 4) {
      tile4x8(count, from, b, to, stride);
      from += tiles << 4;
      to += stride << 2;
    }
    b += tiles << 5;
  }
}

function tile4x8(count: i32, a: usize, b: usize, c: usize, stride: i32): void {
  const c1 = c + stride;
  const c2 = c1 + stride;
  const c3 = c2 + stride;
  let s00 = v128.load(c), s01 = v128.load(c, 16);
  let s10 = v128.load(c1), s11 = v128.load(c1, 16);
  let s20 = v128.load(c2), s21 = v128.load(c2, 16);
  let s30 = v128.load(c3), s31 = v128.load(c3, 16);
  for (const end = b + (count << 5); b < end; b += 32, a += 16) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s00 = mulAdd(x0, b0, s00);
    s01 = mulAdd(x0, b1, s01);
    const x1 = v128.load32_splat(a, 4);
    s10 = mulAdd(x1, b0, s10);
    s11 = mulAdd(x1, b1, s11);
    const x2 = v128.load32_splat(a, 8);
    s20 = mulAdd(x2, b0, s20);
    s21 = mulAdd(x2, b1, s21);
    const x3 = v128.load32_splat(a, 12);
    s30 = mulAdd(x3, b0, s30);
    s31 = mulAdd(x3, b1, s31);
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** Sums of 4 x 4 elements back to 3 x 3 weights, four channels at a time: columns, then rows. */
function writeWeights(outputs: i32, channels: i32, sums: usize, dw: usize): void {
  const step = (outputs * channels) << 2;
  const tap = channels << 2;
  for (let output = 0; output < outputs; output++) {
    for (let channel = 0; channel < channels; channel += 4) {
      let at = sums;
      let to = dw;
      let u0 = v128.load(at), u1 = v128.load(at + step), u2 = v128.load(at + step * 2), u3 = v128.load(at + step * 3);
      at += step << 2;
      let v0 = v128.load(at), v1 = v128.load(at + step), v2 = v128.load(at + step * 2), v3 = v128.load(at + step * 3);
      at += step << 2;
      const w0 = v128.load(at), w1 = v128.load(at + step), w2 = v128.load(at + step * 2), w3 = v128.load(at + step * 3);
      at += step << 2;
      const h0 = half(v0, w0), h1 = half(v1, w1), h2 = half(v2, w2), h3 = half(v3, w3);
      writeRow(f32x4.add(u0, h0), f32x4.add(u1, h1), f32x4.add(u2, h2), f32x4.add(u3, h3), to, tap);
      to += tap * 3;
      v0 = halfOf(f32x4.sub(v0, w0));
      v1 = halfOf(f32x4.sub(v1, w1));
      v2 = halfOf(f32x4.sub(v2, w2));
      v3 = halfOf(f32x4.sub(v3, w3));
      writeRow(v0, v1, v2, v3, to, tap);
      to += tap * 3;
      u0 = f32x4.add(h0, v128.load(at));
      u1 = f32x4.add(h1, v128.load(at + step));
      u2 = f32x4.add(h2, v128.load(at + step * 2));
      u3 = f32x4.add(h3, v128.load(at + step * 3));
      writeRow(u0, u1, u2, u3, to, tap);
      sums += 16;
      dw += 16;
    }
    dw += tap << 3;
  }
}

@inline
function writeRow(u0: v128, u1: v128, u2: v128, u3: v128, to: usize, tap: i32): void {
  const h = half(u1, u2);
  v128.store(to, f32x4.add(u0, h));
  v128.store(to + tap, halfOf(f32x4.sub(u1, u2)));
  v128.store(to + tap * 2, f32x4.add(h, u3));
}

@inline
function half(a: v128, b: v128): v128 {
  return halfOf(f32x4.add(a, b));
}

@inline
function halfOf(a: v128): v128 {
  return f32x4.mul(a, f32x4.splat(0.5));
}
