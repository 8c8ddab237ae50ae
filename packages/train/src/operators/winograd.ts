import { type Geometry, packedGemmF32Bytes } from '@espalier/kernels';
import { convWeightGradientWinogradScratchBytes } from '@espalier/kernels/train';
import type { Address, Argument } from '@espalier/runtime/tape';
import type { StepRecorder } from '../step/step-recorder.js';
import { inParts } from './parts.js';

/** Bytes before the packed matrices: that they are for Winograd's algorithm. */
const HEADER_BYTES = 16;

/** Channels from which it wins, and their products that a part of a batch may sum sixteen of: 4 MB. */
const LEAST_CHANNELS = 8;
const MOST_PRODUCTS = 65536;

/** 3 x 3 kernels of stride and dilation 1 in one group, with tiles of 2 x 2 outputs that are mostly filled. */
export function suitsWinograd(geometry: Geometry): boolean {
  const { kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, groups } =
    geometry;
  const isPlain = strideHeight * strideWidth * dilationHeight * dilationWidth * groups === 1;
  if (!isPlain || kernelHeight !== 3 || kernelWidth !== 3) return false;
  if (Math.min(geometry.outputHeight, geometry.outputWidth) < 4) return false;
  return Math.min(geometry.inputChannels, geometry.outputChannels) >= LEAST_CHANNELS;
}

/** Weights, [outputs, 3, 3, inputs] at w, as `convF32` takes them. */
export function packForWinograd(
  step: StepRecorder,
  { inputChannels: k, outputChannels: n }: Geometry,
  w: Argument,
  bias: Argument,
): Address {
  const packed = step.scratch(HEADER_BYTES + 16 * packedGemmF32Bytes(n, k));
  step.call('packWinogradF32', [n, k, w, 1, 9 * k, k, bias, packed]);
  return packed;
}

/**
 * The gradient of the input as a convolution of its own: of the gradient of the output, padded so that it comes out as
 * large as the input. Null where that is no padding.
 */
export function turned(geometry: Geometry): Geometry | null {
  const { padTop, padLeft, padBottom, padRight } = geometry;
  if (Math.max(padTop, padLeft, padBottom, padRight) > 2) return null;
  return {
    ...geometry,
    inputHeight: geometry.outputHeight,
    inputWidth: geometry.outputWidth,
    inputChannels: geometry.outputChannels,
    outputHeight: geometry.inputHeight,
    outputWidth: geometry.inputWidth,
    outputChannels: geometry.inputChannels,
    padTop: 2 - padTop,
    padLeft: 2 - padLeft,
    padBottom: 2 - padBottom,
    padRight: 2 - padRight,
  };
}

/** The same weights for the turned convolution: kernels upside down, inputs and outputs exchanged. */
export function packTurned(
  step: StepRecorder,
  { inputChannels: n, outputChannels: k }: Geometry,
  w: number,
): Address {
  const packed = step.scratch(HEADER_BYTES + 16 * packedGemmF32Bytes(n, k));
  step.call('packWinogradF32', [n, k, w + 8 * n * 4, 9 * n, 1, -n, 0, packed]);
  return packed;
}

/** Whether `winogradWeightGradient` takes it. */
export function suitsWinogradGradient(geometry: Geometry): boolean {
  const { inputChannels, outputChannels } = geometry;
  const isInEights = inputChannels % 8 === 0 && outputChannels % 8 === 0;
  return suitsWinograd(geometry) && isInEights && inputChannels * outputChannels <= MOST_PRODUCTS;
}

/** Writes the gradient of the weights, [outputs, 3, 3, inputs]. */
export function winogradWeightGradient(
  step: StepRecorder,
  geometry: Geometry,
  x: Argument,
  dy: Argument,
  to: Argument,
): void {
  const { batch, outputHeight, outputWidth, inputChannels, outputChannels } = geometry;
  const size = outputChannels * 9 * inputChannels;
  const bytes = convWeightGradientWinogradScratchBytes(geometry);
  inParts(step, batch, size, to, ({ images, parts, partial }) => {
    step.split('convWeightGradientWinogradF32', parts, batch * outputHeight * outputWidth * size, (range) => {
      const first = range.first * images * outputHeight;
      const end = Math.min(range.end * images, batch) * outputHeight;
      return [step.geometry(geometry, { first, end }), images, x, dy, partial, step.scratch(bytes)];
    });
  });
}
