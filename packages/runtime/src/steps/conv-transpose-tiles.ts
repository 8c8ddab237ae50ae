import { convScratchBytes, type Geometry, type Multipliers, placeConvI8 } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { Compute, Job, Planned, Refusal } from '../plan/job.js';
import { splitRows } from './conv-shape.js';
import { type Spread, sizesOf } from './conv-transpose.js';
import { type IntegerProduct, readIntegerProduct } from './integer-weights.js';
import { type IntegerWeight, needed } from './operands.js';

/** Whether each pixel becomes a tile of its own, as decoders enlarge images: windows that neither overlap nor leave gaps. */
export function isTiling({ groups, kernel, strides, dilations, padsBefore, extra }: Spread): boolean {
  return (
    groups === 1 &&
    [0, 1].every(
      (axis) =>
        kernel[axis] === strides[axis] &&
        dilations[axis] === 1 &&
        padsBefore[axis] === 0 &&
        extra[axis] === kernel[axis],
    )
  );
}

/** ConvTranspose of codes whose windows are tiles: a product for each pixel that makes its tile, and tiles put in rows. */
export function planTilesInt8(job: Job, weight: IntegerWeight, spread: Spread): Planned | Refusal {
  const { channels, outputChannels, kernel } = spread;
  const product = readIntegerProduct(job, weight, 1, outputChannels, channels);
  if ('reason' in product) return product;
  const { x: from, y: to, low, high } = product;
  const { kernels, heap } = job.workspace;
  const taps = kernel[0] * kernel[1];
  const shape = { outputChannels: outputChannels * taps, channelsPerGroup: channels, groups: 1 };
  const data = byTap(weight.codes, channels, outputChannels, taps);
  const packed = placeConvI8(
    kernels,
    { ...shape, kernelHeight: 1, kernelWidth: 1, ...repeated(product, taps), data, inputZero: from.zero },
    kernels.weightFormat,
  );
  const fill = heap.place(new Int8Array(outputChannels));
  const compute: Compute = (inputs, recorder) => {
    const x = needed(inputs, 0, job);
    const [height, width] = sizesOf(job, x.dims, spread);
    const batch = x.dims[0] ?? 0;
    const pixels = batch * height * width;
    const spatial = [...(x.dims.length === 3 ? [] : [height * kernel[0]]), width * kernel[1]];
    const tiles = Activation.codes(recorder, [pixels, shape.outputChannels], 'row-major', to);
    const y = Activation.codes(recorder, [batch, outputChannels, ...spatial], 'channels-last', to);
    const table = recorder.held.place(places(spread, batch * height, width));
    const [codes, made, result] = [
      x.codes('channels-last'),
      tiles.codes('row-major'),
      y.codes('channels-last'),
    ];
    const geometry = pointwise(pixels, channels, shape.outputChannels);
    splitRows(recorder, 'convI8', geometry, (at) => {
      const bytes = convScratchBytes(geometry, 2);
      return [at, codes, packed, made, from.zero, to.zero, low, high, recorder.scratch(bytes), bytes];
    });
    recorder.call('gatherRows', [pixels * taps, outputChannels, table, made, fill, result]);
    tiles.release();
    return [y];
  };
  return { compute, packed: [1, 2] };
}

/** [channel, output, tap] to [tap, output, channel]. */
function byTap(
  codes: IntegerWeight['codes'],
  channels: number,
  outputs: number,
  taps: number,
): IntegerWeight['codes'] {
  const result = codes.slice();
  let at = 0;
  for (let tap = 0; tap < taps; tap++) {
    for (let output = 0; output < outputs; output++) {
      for (let channel = 0; channel < channels; channel++)
        result[at++] = codes[(channel * outputs + output) * taps + tap] ?? 0;
    }
  }
  return result;
}

/** What there is one of for each output channel, once for each tap. */
function repeated(
  { multipliers, zeroPoints, bias }: IntegerProduct,
  taps: number,
): Pick<IntegerProduct, 'multipliers' | 'zeroPoints' | 'bias'> {
  return {
    multipliers: repeatedMultipliers(multipliers, taps),
    zeroPoints: zeroPoints && (zeroPoints.length === 1 ? zeroPoints : tiled(zeroPoints, taps)),
    bias: bias && tiled(bias, taps),
  };
}

function repeatedMultipliers(multipliers: Multipliers, taps: number): Multipliers {
  // One for all stays one for all.
  if (multipliers instanceof Float32Array)
    return multipliers.length === 1 ? multipliers : tiled(multipliers, taps);
  const { values, shifts, rounding } = multipliers;
  if (values.length === 1) return multipliers;
  return { values: tiled(values, taps), shifts: tiled(shifts, taps), rounding };
}

function tiled<T extends Float32Array | Int32Array | Int8Array | Uint8Array>(values: T, taps: number): T {
  const Numbers = values.constructor as new (length: number) => T;
  const result = new Numbers(values.length * taps);
  for (let tap = 0; tap < taps; tap++) result.set(values, tap * values.length);
  return result;
}

/** For each pixel of the result, the byte at which its channels start among the tiles. */
function places({ outputChannels, kernel }: Spread, rows: number, width: number): Uint32Array {
  const [tileHeight, tileWidth] = kernel;
  const table = new Uint32Array(rows * tileHeight * width * tileWidth);
  let at = 0;
  for (let y = 0; y < rows * tileHeight; y++) {
    for (let x = 0; x < width * tileWidth; x++) {
      const pixel = Math.floor(y / tileHeight) * width + Math.floor(x / tileWidth);
      const tap = (y % tileHeight) * tileWidth + (x % tileWidth);
      table[at++] = (pixel * tileHeight * tileWidth + tap) * outputChannels;
    }
  }
  return table;
}

function pointwise(pixels: number, inputChannels: number, outputChannels: number): Geometry {
  return {
    ...{ batch: 1, groups: 1, inputChannels, outputChannels },
    ...{ inputHeight: pixels, inputWidth: 1, outputHeight: pixels, outputWidth: 1 },
    ...{ kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1 },
    ...{ dilationHeight: 1, dilationWidth: 1, padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 },
  };
}
