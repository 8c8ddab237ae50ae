import { convScratchBytes, type Geometry, placeConvI8 } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import { type Compute, type Job, type Planned, type Refusal, refuse } from '../plan/job.js';
import { splitRows } from './conv-shape.js';
import { readSpread, type Spread, sizesOf } from './conv-transpose.js';
import { isTiling, planTilesInt8 } from './conv-transpose-tiles.js';
import { readIntegerProduct, weightOf } from './integer-weights.js';
import { needed } from './operands.js';

/** What stands where the image has no pixel: the zero point, which adds nothing. */
const nothing = 0xffffffff;

/**
 * ConvTranspose of codes: a convolution by the turned kernel over the image with its pixels drawn apart. The sums of int32
 * are those of TensorFlow Lite's scattering, whatever their order.
 *
 * @see TransposeConv in tensorflow/lite/kernels/internal/reference/integer_ops/transpose_conv.h
 */
export function planConvTransposeInt8(job: Job): Planned | Refusal {
  const weight = weightOf(job);
  if ('reason' in weight) return weight;
  const spread = readSpread(job, weight.dims);
  if ('reason' in spread) return spread;
  const { channels, outputChannels, groups, kernel } = spread;
  if (groups !== 1) return refuse('groups have no form in int8');
  if (isTiling(spread)) return planTilesInt8(job, weight, spread);
  const taps = kernel[0] * kernel[1];
  const product = readIntegerProduct(job, weight, 1, outputChannels, channels * taps);
  if ('reason' in product) return product;
  const { x: from, y: to, low, high } = product;
  const { kernels, heap } = job.workspace;
  const shape = { outputChannels, channelsPerGroup: channels, groups: 1 };
  const packed = placeConvI8(
    kernels,
    {
      ...{ ...shape, kernelHeight: kernel[0], kernelWidth: kernel[1] },
      ...{ ...product, data: turned(weight.codes, channels, outputChannels, taps), inputZero: from.zero },
    },
    kernels.weightFormat,
  );
  const fill = heap.place(new Int8Array(channels).fill(from.zero));
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const [inputHeight, inputWidth] = sizesOf(job, x.dims, spread);
    const geometry = drawnApart(spread, x.dims[0] ?? 0, inputHeight, inputWidth);
    const { batch, outputHeight, outputWidth } = geometry;
    const table = recorder.held.place(places(spread, geometry, inputHeight, inputWidth, 1));
    const flat = x.dims.length === 3;
    const dims = [batch, outputChannels, ...(flat ? [outputWidth] : [outputHeight, outputWidth])];
    const pixels = geometry.inputHeight * geometry.inputWidth * batch;
    const apart = Activation.codes(recorder, [pixels, channels], 'row-major', from);
    const y = Activation.codes(recorder, dims, 'channels-last', to);
    const [codes, stuffed, result] = [
      x.codes('channels-last'),
      apart.codes('row-major'),
      y.codes('channels-last'),
    ];
    recorder.call('gatherRows', [pixels, channels, table, codes, fill, stuffed]);
    splitRows(recorder, 'convI8', geometry, (at) => {
      const bytes = convScratchBytes(geometry, 2);
      return [at, stuffed, packed, result, from.zero, to.zero, low, high, recorder.scratch(bytes), bytes];
    });
    apart.release();
    return [y];
  };
  return { compute, packed: [1, 2] };
}

/** [channel, output, tap] to [output, channel, tap], taps from the last to the first. */
export function turned<T extends Int8Array | Uint8Array | Int16Array>(
  codes: T,
  channels: number,
  outputs: number,
  taps: number,
): T {
  const result = codes.slice() as T; // of the same class
  let at = 0;
  for (let output = 0; output < outputs; output++) {
    for (let channel = 0; channel < channels; channel++) {
      const last = (channel * outputs + output) * taps + taps - 1;
      for (let tap = 0; tap < taps; tap++) result[at++] = codes[last - tap] ?? 0;
    }
  }
  return result;
}

function reach(spread: Spread, axis: 0 | 1): number {
  return (spread.kernel[axis] - 1) * spread.dilations[axis] + 1;
}

/** Of the convolution without padding that makes the result. */
export function drawnApart(spread: Spread, batch: number, height: number, width: number): Geometry {
  const outputHeight = spread.strides[0] * (height - 1) + spread.extra[0];
  const outputWidth = spread.strides[1] * (width - 1) + spread.extra[1];
  return {
    ...{ batch, groups: 1, inputChannels: spread.channels, outputChannels: spread.outputChannels },
    ...{ inputHeight: outputHeight + reach(spread, 0) - 1, inputWidth: outputWidth + reach(spread, 1) - 1 },
    ...{ outputHeight, outputWidth, kernelHeight: spread.kernel[0], kernelWidth: spread.kernel[1] },
    ...{ strideHeight: 1, strideWidth: 1 },
    ...{ dilationHeight: spread.dilations[0], dilationWidth: spread.dilations[1] },
    ...{ padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 },
  };
}

/** For each pixel of the image drawn apart, the byte its source starts at. */
export function places(
  spread: Spread,
  { batch, inputHeight, inputWidth }: Geometry,
  height: number,
  width: number,
  codeBytes: 1 | 2,
): Uint32Array {
  const table = new Uint32Array(batch * inputHeight * inputWidth).fill(nothing);
  const [top, left] = [
    reach(spread, 0) - 1 - spread.padsBefore[0],
    reach(spread, 1) - 1 - spread.padsBefore[1],
  ];
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [toY, toX] = [y * spread.strides[0] + top, x * spread.strides[1] + left];
        if (toY < 0 || toY >= inputHeight || toX < 0 || toX >= inputWidth) continue;
        const source = (image * height + y) * width + x;
        table[(image * inputHeight + toY) * inputWidth + toX] = source * spread.channels * codeBytes;
      }
    }
  }
  return table;
}
