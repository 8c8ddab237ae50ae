import { gemmF32 } from '../gemm-f32/simd';
import { Geometry, panelBytesF32, panels } from '../geometry';
import { clamp4, storeF32 } from '../lanes';

/**
 * As ./scalar.ts, bit for bit. For each output row the input rows that reach it, each times the weights of one kernel row
 * in one matrix product, whose columns are then added where they belong: no product is made twice, and rows can be
 * shared out.
 *
 * scratch: `convTransposeScratchBytes` bytes, 16 byte aligned: products of one input row. Reads up to 12 bytes past y.
 */
export function convTransposeF32(
  geometry: usize, x: usize, w: usize, bias: usize, y: usize, low: f32, high: f32, scratch: usize,
): void {
  const g = changetype<Geometry>(geometry);
  const rowBytes = (g.outputWidth * g.outputChannels) << 2;
  for (let row = g.firstRow; row < g.endRow; row++) {
    const to = y + row * rowBytes;
    fillRow(to, bias, g.outputWidth, g.outputChannels);
    addRows(g, x, w, row, to, scratch);
    clampRow(to, g.outputWidth * g.outputChannels, low, high);
  }
}

/** Adds all input rows that reach an output row, the upper ones first. */
function addRows(g: Geometry, x: usize, w: usize, row: i32, y: usize, scratch: usize): void {
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const columns = g.kernelWidth * outputs;
  const matrixBytes = panels(columns) * panelBytesF32(channels);
  const image = x + ((row / g.outputHeight * g.inputHeight * g.inputWidth * g.inputChannels) << 2);
  for (let ky = g.kernelHeight - 1; ky >= 0; ky--) {
    const from = row % g.outputHeight + g.padTop - ky * g.dilationHeight;
    if (from < 0 || from % g.strideHeight != 0 || from / g.strideHeight >= g.inputHeight) continue;
    const line = image + ((from / g.strideHeight * g.inputWidth * g.inputChannels) << 2);
    for (let group = 0; group < g.groups; group++) {
      const matrix = w + (group * g.kernelHeight + ky) * matrixBytes;
      gemmF32(
        g.inputWidth, columns, channels, line + ((group * channels) << 2), g.inputChannels, matrix, scratch, columns,
        -Infinity, Infinity,
      );
      addProducts(g, scratch, outputs, y + ((group * outputs) << 2));
    }
  }
}

/** Adds what each pixel of an input row makes of each tap. */
function addProducts(g: Geometry, from: usize, outputs: i32, y: usize): void {
  const pixelBytes = g.outputChannels << 2;
  let left = -g.padLeft;
  // Taps that neither overlap nor leave gaps: the products lie as the output does.
  if (g.groups == 1 && g.dilationWidth == 1 && g.kernelWidth == g.strideWidth) {
    const first = max(left, 0);
    const end = min(left + g.inputWidth * g.kernelWidth, g.outputWidth);
    addFloats(from + (first - left) * pixelBytes, (end - first) * outputs, y + first * pixelBytes);
    return;
  }
  for (let ix = 0; ix < g.inputWidth; ix++) {
    let ox = left;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      if (<u32>ox < <u32>g.outputWidth) addFloats(from, outputs, y + ox * pixelBytes);
      from += outputs << 2;
      ox += g.dilationWidth;
    }
    left += g.strideWidth;
  }
}

@inline
function addFloats(from: usize, count: i32, to: usize): void {
  for (; count > 0; count -= 4) {
    const sum = f32x4.add(v128.load(to), v128.load(from));
    if (count >= 4) v128.store(to, sum);
    else storeF32(to, sum, count);
    from += 16;
    to += 16;
  }
}

function fillRow(to: usize, bias: usize, pixels: i32, channels: i32): void {
  for (; pixels > 0; pixels--) {
    let from = bias;
    for (let left = channels; left > 0; left -= 4) {
      storeF32(to, v128.load(from), left);
      from += 16;
      to += min(left, 4) << 2;
    }
  }
}

function clampRow(at: usize, count: i32, low: f32, high: f32): void {
  const least = f32x4.splat(low);
  const most = f32x4.splat(high);
  for (; count > 0; count -= 4) {
    const limited = clamp4(v128.load(at), least, most);
    if (count >= 4) v128.store(at, limited);
    else storeF32(at, limited, count);
    at += 16;
  }
}
