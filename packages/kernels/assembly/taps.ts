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
