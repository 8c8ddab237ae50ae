import { requireLength } from './panel.js';

/** Weights of a convolution in ONNX order. */
export interface ConvShape {
  readonly outputChannels: number;
  /** input channels of one group */
  readonly channelsPerGroup: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly groups: number;
}

/** Columns n and rows k of the matrix of one group. */
export function groupSize(shape: ConvShape): { n: number; k: number } {
  if (shape.outputChannels % shape.groups !== 0) {
    throw new RangeError(
      `${shape.outputChannels} output channels can't be split into ${shape.groups} groups.`,
    );
  }
  return {
    n: shape.outputChannels / shape.groups,
    k: shape.channelsPerGroup * shape.kernelHeight * shape.kernelWidth,
  };
}

/** [output, channel, tap] to [output, tap, channel]. */
export function tapsFirst<T extends Float32Array | Int8Array | Uint8Array>(shape: ConvShape, data: T): T {
  const channels = shape.channelsPerGroup;
  const taps = shape.kernelHeight * shape.kernelWidth;
  const length = shape.outputChannels * channels * taps;
  requireLength('weights', data.length, length);
  // slice keeps the class of the array; TypeScript types it as the base class.
  const result = data.slice(0, length) as T;
  let at = 0;
  for (let output = 0; output < shape.outputChannels; output++) {
    for (let tap = 0; tap < taps; tap++) {
      for (let channel = 0; channel < channels; channel++) {
        result[at++] = data[(output * channels + channel) * taps + tap]!;
      }
    }
  }
  return result;
}
