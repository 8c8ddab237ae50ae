import { type Multipliers, multiplierCount, multiplierWords, writeMultipliers } from './multipliers.js';
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
  /** shape [channels] or [1], of the kind `Kernels.multipliers`: see `packGemmI8` */
  readonly multipliers: Multipliers;
  /** shape [channels] or [1], subtracted from the weights; absent: 0 */
  readonly zeroPoints?: Int8Array | Uint8Array | undefined;
}

/** Channels packed together. */
const QUAD = 4;

/** Words of a quad: biases, multipliers, sums, and lists of weights for even and odd windows: assembly/depthwise-conv-i8/layout.ts. */
function quadLayout({ kernelHeight, kernelWidth, multipliers }: DepthwiseI8Weights): {
  readonly sums: number;
  readonly even: number;
  readonly odd: number;
  readonly words: number;
} {
  const sums = QUAD + multiplierWords(multipliers, QUAD);
  const even = sums + QUAD;
  const odd = even + ((kernelHeight + 1) >> 1) * kernelWidth * QUAD;
  return {
    sums,
    even,
    odd,
    words: odd + ((kernelHeight >> 1) + 1) * kernelWidth * QUAD,
  };
}

/**
 * Weights as `depthwise-conv-i8` reads them: see assembly/depthwise-conv-i8/layout.ts.
 *
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packDepthwiseConvI8(weights: DepthwiseI8Weights): Uint8Array {
  const { data, channels, kernelHeight, kernelWidth, bias, zeroPoints } = weights;
  const taps = kernelHeight * kernelWidth;
  checkLengths(weights, taps);
  const quad = quadLayout(weights);
  const packed = new Uint8Array(Math.ceil(channels / QUAD) * quad.words * 4);
  const words = new Int32Array(packed.buffer);
  const halves = new Int16Array(packed.buffer);
  for (let channel = 0; channel < channels; channel++) {
    const start = Math.floor(channel / QUAD) * quad.words + (channel % QUAD);
    const zero = zeroPoints ? perChannel(zeroPoints, channel) : 0;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const row = Math.floor(tap / kernelWidth);
      const column = tap % kernelWidth;
      const weight = data[channel * taps + tap]! - zero; // lengths are checked above
      const even = start + quad.even + ((row >> 1) * kernelWidth + column) * QUAD;
      const odd = start + quad.odd + (((row + 1) >> 1) * kernelWidth + column) * QUAD;
      halves[even * 2 + (row & 1)] = weight;
      halves[odd * 2 + ((row + 1) & 1)] = weight;
      sum += weight;
    }
    words[start] = bias?.[channel] ?? 0;
    words[start + quad.sums] = sum;
  }
  for (let first = 0; first < channels; first += QUAD) {
    const at = ((first / QUAD) * quad.words + QUAD) * 4;
    writeMultipliers(packed.buffer, at, weights.multipliers, first, Math.min(channels - first, QUAD), QUAD);
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
  const count = multiplierCount(multipliers);
  if (count !== 1) requireLength('multipliers', count, channels);
  if (zeroPoints && zeroPoints.length !== 1) requireLength('zeroPoints', zeroPoints.length, channels);
}
