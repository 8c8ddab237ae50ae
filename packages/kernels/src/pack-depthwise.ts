import { requireLength } from './panel.js';

/** Integer weights of a depthwise convolution, in ONNX order. */
export interface DepthwiseI8Weights {
  /** shape [channels, 1, kernelHeight, kernelWidth] */
  readonly data: Int8Array | Uint8Array;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  /** shape [channels] at scale inputScale * weightScale; absent: zeros */
  readonly bias?: Int32Array | undefined;
  /** shape [channels] or [1]: `requantizeMultiplier` of each channel */
  readonly multipliers: Float32Array;
  /** shape [channels] or [1], subtracted from the weights; absent: 0 */
  readonly zeroPoints?: Int8Array | Uint8Array | undefined;
}

/** Channels packed together, and the words before their weights: biases, multipliers, sums of weights. */
const QUAD = 4;
const HEADER_WORDS = 3 * QUAD;

/** Bytes of `packDepthwiseConvI8`'s result. */
export function packedDepthwiseI8Bytes(channels: number, kernelHeight: number, kernelWidth: number): number {
  return Math.ceil(channels / QUAD) * quadWords(kernelHeight, kernelWidth) * 4;
}

/** Even and odd windows have lists of their own: see assembly/depthwise-conv-i8/layout.ts. */
function quadWords(kernelHeight: number, kernelWidth: number): number {
  const pairs = ((kernelHeight + 1) >> 1) + (kernelHeight >> 1) + 1;
  return HEADER_WORDS + pairs * kernelWidth * QUAD;
}

/**
 * Weights as `depthwise-conv-i8` reads them: see assembly/depthwise-conv-i8/layout.ts.
 *
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packDepthwiseConvI8(weights: DepthwiseI8Weights): Uint8Array {
  const { data, channels, kernelHeight, kernelWidth, bias, multipliers, zeroPoints } = weights;
  const taps = kernelHeight * kernelWidth;
  checkLengths(weights, taps);
  const packed = new Uint8Array(packedDepthwiseI8Bytes(channels, kernelHeight, kernelWidth));
  const words = new Int32Array(packed.buffer);
  const floats = new Float32Array(packed.buffer);
  const halves = new Int16Array(packed.buffer);
  const evenWords = ((kernelHeight + 1) >> 1) * kernelWidth * QUAD;
  for (let channel = 0; channel < channels; channel++) {
    const start = Math.floor(channel / QUAD) * quadWords(kernelHeight, kernelWidth) + (channel % QUAD);
    const zero = zeroPoints ? perChannel(zeroPoints, channel) : 0;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const row = Math.floor(tap / kernelWidth);
      const column = tap % kernelWidth;
      const weight = data[channel * taps + tap]! - zero; // lengths are checked above
      const even = start + HEADER_WORDS + ((row >> 1) * kernelWidth + column) * QUAD;
      const odd = start + HEADER_WORDS + evenWords + (((row + 1) >> 1) * kernelWidth + column) * QUAD;
      halves[even * 2 + (row & 1)] = weight;
      halves[odd * 2 + ((row + 1) & 1)] = weight;
      sum += weight;
    }
    words[start] = bias?.[channel] ?? 0;
    floats[start + QUAD] = perChannel(multipliers, channel);
    words[start + 2 * QUAD] = sum;
  }
  return packed;
}

/** Entry `channel`, or the only one. Lengths are checked before. */
function perChannel(values: ArrayLike<number>, channel: number): number {
  return values[values.length === 1 ? 0 : channel]!;
}

function checkLengths(weights: DepthwiseI8Weights, taps: number): void {
  const { data, channels, bias, multipliers, zeroPoints } = weights;
  requireLength('weights', data.length, channels * taps);
  if (bias) requireLength('bias', bias.length, channels);
  if (multipliers.length !== 1) requireLength('multipliers', multipliers.length, channels);
  if (zeroPoints && zeroPoints.length !== 1) requireLength('zeroPoints', zeroPoints.length, channels);
}
