import { product, shiftFor, SLACK_BYTES } from '../gemm-dynamic/product';
import { startSweep, Sweep, SWEEP_BYTES, sweepPanels, tilesOf } from '../gemm-dynamic/tiles';
import { interleave } from '../gemm-i8/interleave';
import { tileRows } from '../gemm-i8/steps';
import { Geometry, panels } from '../geometry';
import { addedTo, panelBytes, wholeFours } from '../packed-dynamic';
import { isPointwise, runTaps } from './scalar';

/** As ./scalar.ts. T as in ../gemm-dynamic/product.ts. */
export function convolve<T>(
  g: Geometry, x: usize, units: usize, imageStep: i32, pixelStep: i32, w: usize, y: usize,
  low: f32, high: f32, way: i32, format: i32, scratch: usize, scratchBytes: i32,
): void {
  if (isPointwise(g)) pointwise<T>(g, x, units, imageStep, pixelStep, w, y, low, high, way, format, scratch, scratchBytes);
  else windows<T>(g, x, units, imageStep, w, y, low, high, way, format, scratch, scratchBytes);
}

/** Pixels are the rows of a product, image by image. */
function pointwise<T>(
  g: Geometry, x: usize, units: usize, imageStep: i32, pixelStep: i32, w: usize, y: usize,
  low: f32, high: f32, way: i32, format: i32, scratch: usize, scratchBytes: i32,
): void {
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const groupBytes = panels(outputs) * panelBytes(wholeFours(channels));
  for (let row = g.firstRow; row < g.endRow; ) {
    const image = row / g.outputHeight;
    const end = imageStep ? min((image + 1) * g.outputHeight, g.endRow) : g.endRow;
    const first = row * g.outputWidth;
    const unit = units + image * imageStep + first * pixelStep;
    for (let group = 0; group < g.groups; group++) {
      product<T>(
        (end - row) * g.outputWidth, outputs, channels, x + first * g.inputChannels + group * channels, g.inputChannels,
        unit, pixelStep, w + group * groupBytes, y + ((first * g.outputChannels + group * outputs) << 2), g.outputChannels,
        low, high, way, format, scratch, scratchBytes,
      );
    }
    row = end;
  }
}

/**
 * Row by row of results: the lines of input under it, padded, then the pixels of each kernel row interleaved straight from
 * them, so that a tile reads one stream.
 */
function windows<T>(
  g: Geometry, x: usize, units: usize, imageStep: i32, w: usize, y: usize,
  low: f32, high: f32, way: i32, format: i32, scratch: usize, scratchBytes: i32,
): void {
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const columnTaps = runTaps(g);
  const segments = g.kernelWidth / columnTaps;
  const run = columnTaps * channels;
  const segmentBytes = wholeFours(run) * sizeof<T>();
  const k = g.kernelHeight * segments * wholeFours(run);
  const groupBytes = panels(outputs) * panelBytes(k);
  const added = sizeof<T>() == 1 ? addedTo(format) : 0;
  const sweep = startSweep(scratch, k, g.outputChannels << 2, 0, added, way, low, high);
  const shift = shiftFor<T>(format);
  const lineBytes = lineBytesOf(g);
  const lines = scratch + SWEEP_BYTES;
  const tilesAt = lines + ((g.kernelHeight * lineBytes + 31) & ~15);
  const tileBytes = max(k * sizeof<T>() * tileRows<T>(), 1);
  const most = max((scratchBytes - <i32>(tilesAt - scratch) - SLACK_BYTES) / tileBytes, 1) * tileRows<T>();
  const pixelStride = g.strideWidth * g.inputChannels;
  for (let row = g.firstRow; row < g.endRow; row++) {
    const image = row / g.outputHeight;
    const unit = units + image * imageStep;
    fillLines(g, x, row, <i8>load<i32>(unit, 4), lines, lineBytes);
    for (let group = 0; group < g.groups; group++) {
      for (let first = 0; first < g.outputWidth; first += most) {
        const count = min(g.outputWidth - first, most);
        let from = lines + first * pixelStride + group * channels;
        let to = tilesAt;
        let left = count;
        for (let tiles = tilesOf<T>(count); tiles > 0; tiles--) {
          // The taller tiles come first.
          const height = (left + tiles - 1) / tiles;
          let at = to;
          for (let ky = 0; ky < g.kernelHeight; ky++) {
            let start = from + ky * lineBytes;
            for (let segment = 0; segment < segments; segment++) {
              interleave<T>(1, height, start, pixelStride, run, shift, at, 0);
              start += g.dilationWidth * g.inputChannels;
              at += segmentBytes * height;
            }
          }
          from += height * pixelStride;
          to += k * sizeof<T>() * height;
          left -= height;
        }
        const c = y + (((row * g.outputWidth + first) * g.outputChannels + group * outputs) << 2);
        sweepPanels<T>(count, outputs, sweep, tilesAt, w + group * groupBytes, c, unit);
      }
    }
  }
}

/** Of a padded line of input. */
function lineBytesOf(g: Geometry): i32 {
  return ((g.outputWidth - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1) * g.inputChannels;
}

/** The lines under an output row. Vectors run past the end of a piece, which what comes next writes over. */
function fillLines(g: Geometry, x: usize, row: i32, zero: i8, to: usize, lineBytes: i32): void {
  const image = row / g.outputHeight;
  let iy = (row - image * g.outputHeight) * g.strideHeight - g.padTop;
  const before = min(g.padLeft * g.inputChannels, lineBytes);
  const inside = min(g.inputWidth * g.inputChannels, lineBytes - before);
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    if (<u32>iy < <u32>g.inputHeight) {
      fill(to, before, zero);
      copy(x + (image * g.inputHeight + iy) * g.inputWidth * g.inputChannels, inside, to + before);
      fill(to + before + inside, lineBytes - before - inside, zero);
    } else fill(to, lineBytes, zero);
    to += lineBytes;
    iy += g.dilationHeight;
  }
}

@inline
function copy(from: usize, bytes: i32, to: usize): void {
  for (let i = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
}

@inline
function fill(to: usize, bytes: i32, value: i8): void {
  for (let i = 0; i < bytes; i += 16) v128.store(to + i, i8x16.splat(value));
}
