import { Geometry } from './geometry';

/**
 * Writes the address of the input pixel under each kernel tap of one output pixel, as u32. A tap on
 * padding gets `outside`, a row of neutral values: the loops over channels then need no border cases.
 */
export function listTaps(
  g: Geometry, image: usize, elementShift: i32, oy: i32, ox: i32, outside: usize, to: usize,
): void {
  const pixelBytes = g.inputChannels << elementShift;
  const left = ox * g.strideWidth - g.padLeft;
  const step = g.dilationWidth * pixelBytes;
  let iy = oy * g.strideHeight - g.padTop;
  for (let ky = 0; ky < g.kernelHeight; ky++) {
    const rowInside = <u32>iy < <u32>g.inputHeight;
    let ix = left;
    let from = image + (iy * g.inputWidth + ix) * pixelBytes;
    for (let kx = 0; kx < g.kernelWidth; kx++) {
      const inside = rowInside && <u32>ix < <u32>g.inputWidth;
      store<u32>(to, <u32>(inside ? from : outside));
      ix += g.dilationWidth;
      from += step;
      to += 4;
    }
    iy += g.dilationHeight;
  }
}

/**
 * Where the input pixel under a kernel tap of an output pixel starts; 0 where that is padding. For scalar twins.
 * pixel: counted over all images; tap: kernel row by kernel row.
 */
export function tapAddress(g: Geometry, x: usize, elementShift: i32, pixel: i32, tap: i32): usize {
  const row = pixel / g.outputWidth;
  const oy = row % g.outputHeight;
  const iy = oy * g.strideHeight - g.padTop + (tap / g.kernelWidth) * g.dilationHeight;
  const ix = (pixel % g.outputWidth) * g.strideWidth - g.padLeft + (tap % g.kernelWidth) * g.dilationWidth;
  if (<u32>iy >= <u32>g.inputHeight || <u32>ix >= <u32>g.inputWidth) return 0;
  const place = ((row / g.outputHeight) * g.inputHeight + iy) * g.inputWidth + ix;
  return x + ((place * g.inputChannels) << elementShift);
}

/**
 * `listTaps` of `pixels` output pixels in a row, the first of which is `pixel` counted over all images, and of the
 * last one again up to `padded`. Lists stand behind each other at `to`.
 */
export function listPixels(
  g: Geometry, x: usize, elementShift: i32, pixel: i32, pixels: i32, padded: i32, outside: usize, to: usize,
): void {
  const listBytes = (g.kernelHeight * g.kernelWidth) << 2;
  const imageBytes = (g.inputHeight * g.inputWidth * g.inputChannels) << elementShift;
  let ox = pixel % g.outputWidth;
  const row = pixel / g.outputWidth;
  let oy = row % g.outputHeight;
  let image = x + (row / g.outputHeight) * imageBytes;
  for (let i = 0; i < padded; i++) {
    listTaps(g, image, elementShift, oy, ox, outside, to);
    to += listBytes;
    if (i >= pixels - 1 || ++ox < g.outputWidth) continue;
    ox = 0;
    if (++oy < g.outputHeight) continue;
    oy = 0;
    image += imageBytes;
  }
}
