import { real } from '../gemm-dynamic/scalar';
import { Geometry } from '../geometry';
import { tapAddress } from '../taps';

/** Of a panel of 8 channels: their float32 scales and biases. */
export const HEADER_BYTES: i32 = 64;

/**
 * 2-D convolution of each channel of NHWC int8 codes with its own int8 kernel, to float32 as `gemmDynamic` has it; rows firstRow to
 * endRow of the geometry. inputChannels is outputChannels.
 *
 * units and imageStep as in `convDynamic`. Padding is 0. w: packed by `packDepthwiseDynamic`: panels of 8 channels, 8 scales, 8 biases
 * and 8 weights for each tap.
 */
export function depthwiseConvDynamic(
  geometry: usize, x: usize, units: usize, imageStep: i32, w: usize, y: usize, low: f32, high: f32, way: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const taps = g.kernelHeight * g.kernelWidth;
  assert(g.inputChannels == g.outputChannels && taps <= 65000);
  assert(g.firstRow >= 0 && g.firstRow <= g.endRow && g.endRow <= g.batch * g.outputHeight);
  for (let pixel = g.firstRow * g.outputWidth; pixel < g.endRow * g.outputWidth; pixel++) {
    const unit = units + pixel / (g.outputHeight * g.outputWidth) * imageStep;
    const zero = load<i32>(unit, 4);
    for (let channel = 0; channel < g.outputChannels; channel++) {
      const panel = w + (channel >> 3) * (HEADER_BYTES + (taps << 3));
      const lane = channel & 7;
      let sum: i32 = 0;
      for (let tap = 0; tap < taps; tap++) {
        const from = tapAddress(g, x, 0, pixel, tap);
        if (from) sum += (<i32>load<i8>(from + channel) - zero) * <i32>load<i8>(panel + HEADER_BYTES + (tap << 3) + lane);
      }
      const at = panel + (lane << 2);
      const value = real(sum, load<f32>(unit), load<f32>(at), load<f32>(at, 32), low, high, way);
      store<f32>(y + ((pixel * g.outputChannels + channel) << 2), value);
    }
  }
}
