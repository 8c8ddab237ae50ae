import { finish, weightAt } from '../gemm-dynamic/scalar';
import { Geometry, panels } from '../geometry';
import { addedTo, panelBytes, wholeFours } from '../packed-dynamic';
import { tapAddress } from '../taps';

/**
 * 2-D convolution of NHWC int8 codes by int8 weights, to float32 as `gemmDynamic` has it; rows firstRow to endRow of the geometry.
 *
 * units: scale and zero point of the first image, those of the next `imageStep` bytes on. Where the convolution is pointwise each
 * pixel may have its own: `pixelStep`, 8 then, and imageStep 0. Padding is 0. w: packed by `packConvDynamic`: for each group panels, with
 * rows of K in the order kernel row, kernel column, channel, where a run of channels (and of kernel columns, where those stand side
 * by side) fills whole fours.
 */
export function convDynamic(
  geometry: usize, x: usize, units: usize, imageStep: i32, pixelStep: i32, w: usize, y: usize,
  low: f32, high: f32, way: i32, format: i32, scratch: usize, scratchBytes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  assert(g.groups > 0 && g.inputChannels % g.groups == 0 && g.outputChannels % g.groups == 0);
  assert(g.firstRow >= 0 && g.firstRow <= g.endRow && g.endRow <= g.batch * g.outputHeight);
  assert(pixelStep == 0 || (isPointwise(g) && imageStep == 0));
  const channels = g.inputChannels / g.groups;
  const outputs = g.outputChannels / g.groups;
  const taps = g.kernelHeight * g.kernelWidth;
  const columnTaps = runTaps(g);
  const run = wholeFours(columnTaps * channels);
  const bytes = panelBytes(taps / columnTaps * run);
  for (let pixel = g.firstRow * g.outputWidth; pixel < g.endRow * g.outputWidth; pixel++) {
    const image = pixel / (g.outputHeight * g.outputWidth);
    const unit = units + image * imageStep + pixel * pixelStep;
    const zero = load<i32>(unit, 4);
    for (let channel = 0; channel < g.outputChannels; channel++) {
      const group = channel / outputs;
      const column = channel % outputs;
      const panel = w + (group * panels(outputs) + (column >> 3)) * bytes;
      let sum: i32 = 0;
      for (let tap = 0; tap < taps; tap++) {
        const from = tapAddress(g, x, 0, pixel, tap);
        const row = tap / columnTaps * run + tap % columnTaps * channels;
        for (let i = 0; i < channels; i++) {
          const value = from ? <i32>load<i8>(from + group * channels + i) : zero;
          sum += (value + addedTo(format)) * weightAt(format, panel, row + i, column & 7);
        }
      }
      const value = finish(sum, panel, column & 7, unit, low, high, way, format);
      store<f32>(y + ((pixel * g.outputChannels + channel) << 2), value);
    }
  }
}

/** Kernel columns that make one run of K: all of them where they stand side by side in memory, else one. */
export function runTaps(g: Geometry): i32 {
  return g.groups == 1 && g.dilationWidth == 1 ? g.kernelWidth : 1;
}

/** Whether output pixels are the rows of a matrix product as they stand. */
export function isPointwise(g: Geometry): bool {
  return g.kernelHeight == 1 && g.kernelWidth == 1 && g.strideHeight == 1 && g.strideWidth == 1
    && g.outputHeight == g.inputHeight && g.outputWidth == g.inputWidth && (g.padTop | g.padLeft) == 0;
}
