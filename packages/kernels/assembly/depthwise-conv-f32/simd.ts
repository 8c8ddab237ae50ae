import { Geometry, panelBytesF32 } from '../geometry';
import { zeroFill } from '../lanes';
import { stageRow } from './stage';
import { tile3, tile3Stride2, tile5, tileAny } from './tiles';

/** Bytes of staged rows that fit the first-level cache beside their weights. */
const STAGED_BYTES: i32 = 32768;

/**
 * As ./scalar.ts, bit for bit. Input rows are staged, each once, in a ring where neighbouring columns are neighbours
 * and padding is zeros; as many channels at a time as keep the ring in the first-level cache. In NHWC itself each
 * input of a tile needs its own address, and where a pixel is a multiple of 2 KiB they fall on the same few cache
 * lines (1024 channels at 7 x 7: 4 GMAC/s). Reads up to 12 bytes past the image.
 *
 * scratch: `depthwiseScratchBytes` bytes, 16 byte aligned: addresses of kernel rows, a row of zeros, the ring.
 */
export function depthwiseConvF32(
  geometry: usize, x: usize, w: usize, y: usize, low: f32, high: f32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const groups = (g.outputChannels + 3) >> 2;
  const columns = stagedColumns(g);
  const ringRows = (g.kernelHeight - 1) * g.dilationHeight + 1;
  const block = min(groups, max(4, STAGED_BYTES / ((1 + ringRows) * columns * 16) & ~3));
  const zeros = scratch + (((g.kernelHeight << 2) + 15) & ~15);
  // Zeros for the row of padding, and for the pads of every row.
  zeroFill(zeros, (1 + ringRows) * block * columns * 16);
  for (let group = 0; group < groups; group += block) {
    const panel = w + (group >> 1) * panelBytesF32(g.kernelHeight * g.kernelWidth);
    computeBlock(g, x, panel, y, low, high, scratch, zeros, block, group, min(block, groups - group));
  }
}

/** Columns of a staged row: what all tiles of an output row read. */
export function stagedColumns(g: Geometry): i32 {
  const pixels = tilePixels(g);
  const padded = (g.outputWidth + pixels - 1) / pixels * pixels;
  return (padded - 1) * g.strideWidth + (g.kernelWidth - 1) * g.dilationWidth + 1;
}

@inline
function tilePixels(g: Geometry): i32 {
  return isStride2(g) ? 3 : 4;
}

@inline
function isStride2(g: Geometry): bool {
  return g.kernelWidth == 3 && g.strideWidth == 2 && g.dilationWidth == 1;
}

/** `groups` times four channels, from group `first` on, an even one, of all output rows that are wanted. The ring has
 * room for `block` groups. */
function computeBlock(
  g: Geometry, x: usize, w: usize, y: usize, low: f32, high: f32, list: usize, zeros: usize, block: i32,
  first: i32, groups: i32,
): void {
  const columns = stagedColumns(g);
  const groupBytes = columns << 4;
  const slotBytes = block * groupBytes;
  const ring = zeros + slotBytes;
  const ringRows = (g.kernelHeight - 1) * g.dilationHeight + 1;
  const rowBytes = g.inputWidth * g.inputChannels * 4;
  let staged = 0;
  let image = -1;
  for (let row = g.firstRow; row < g.endRow; row++) {
    const top = row % g.outputHeight * g.strideHeight - g.padTop;
    if (row / g.outputHeight != image) {
      image = row / g.outputHeight;
      staged = 0;
    }
    const end = min(top + ringRows, g.inputHeight);
    const from = x + image * g.inputHeight * rowBytes + (first << 4);
    for (staged = max(staged, top); staged < end; staged++) {
      stageRow(g, from + staged * rowBytes, groups, columns, ring + staged % ringRows * slotBytes);
    }
    const to = y + row * g.outputWidth * g.outputChannels * 4 + (first << 4);
    for (let ky = 0; ky < g.kernelHeight; ky++) {
      const iy = top + ky * g.dilationHeight;
      const inside = <u32>iy < <u32>g.inputHeight;
      store<u32>(list + (ky << 2), <u32>(inside ? ring + iy % ringRows * slotBytes : zeros));
    }
    computeRow(g, list, groupBytes, w, to, min(groups << 2, g.outputChannels - (first << 2)), low, high);
  }
}

/** `channels` channels of an output row. */
function computeRow(
  g: Geometry, list: usize, groupBytes: i32, w: usize, y: usize, channels: i32, low: f32, high: f32,
): void {
  const panelBytes = panelBytesF32(g.kernelHeight * g.kernelWidth);
  const end = list + (g.kernelHeight << 2);
  const yStep = g.outputChannels << 2;
  const width = g.outputWidth;
  const step = g.strideWidth << 4;
  let at = 0;
  if (g.dilationWidth == 1 && g.kernelWidth == 3 && g.strideWidth == 1) {
    for (let ox = 0; ox < width; ox += 4) {
      tile3(list, end, at, groupBytes, w, panelBytes, y, yStep, width - ox, channels, low, high);
      at += step << 2;
      y += yStep << 2;
    }
  } else if (isStride2(g)) {
    for (let ox = 0; ox < width; ox += 3) {
      tile3Stride2(list, end, at, groupBytes, w, panelBytes, y, yStep, min(width - ox, 3), channels, low, high);
      at += step * 3;
      y += yStep * 3;
    }
  } else if (g.dilationWidth == 1 && g.kernelWidth == 5 && g.strideWidth == 1) {
    for (let ox = 0; ox < width; ox += 4) {
      tile5(list, end, at, groupBytes, w, panelBytes, y, yStep, width - ox, channels, low, high);
      at += step << 2;
      y += yStep << 2;
    }
  } else {
    const tapStep = g.dilationWidth << 4;
    for (let ox = 0; ox < width; ox += 4) {
      tileAny(
        g.kernelWidth, tapStep, step, list, end, at, groupBytes, w, panelBytes, y, yStep, width - ox, channels, low,
        high,
      );
      at += step << 2;
      y += yStep << 2;
    }
  }
}
