import {
  kindOf,
  type Multipliers,
  multiplierCount,
  multiplierWords,
  writeMultipliers,
} from './multipliers.js';
import { requireLength } from './panel.js';
import { HEADER_BYTES, type StepFormat, stepFormat } from './panel-i8.js';
import type { WeightFormat } from './weight-format.js';

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

interface QuadLayout {
  /** Where the sums of the weights, and the lists for even and odd windows start, in words. */
  readonly sums: number;
  readonly even: number;
  readonly odd: number;
  readonly words: number;
}

/** Words of a quad: biases, multipliers, sums, and lists of weights: assembly/depthwise-conv-i8/layout.ts. */
function quadLayout(
  { kernelHeight, kernelWidth, multipliers }: DepthwiseI8Weights,
  { rows }: StepFormat,
): QuadLayout {
  const listWords = (groups: number): number => groups * kernelWidth * QUAD;
  const sums = QUAD + multiplierWords(kindOf(multipliers), QUAD);
  const even = sums + QUAD;
  const odd = even + listWords(Math.ceil(kernelHeight / rows));
  return { sums, even, odd, words: odd + listWords(Math.floor(kernelHeight / rows) + 1) };
}

/**
 * Weights as `depthwise-conv-i8` reads them: see assembly/depthwise-conv-i8/layout.ts.
 *
 * @param format - `Kernels.weightFormat`; weights that leave int8 when their zero point is subtracted are packed as dot16
 * @throws {RangeError} when an array is shorter than its shape says
 */
export function packDepthwiseConvI8(weights: DepthwiseI8Weights, format: WeightFormat = 'dot16'): Uint8Array {
  const { data, channels, kernelHeight, kernelWidth, bias, zeroPoints } = weights;
  const taps = kernelHeight * kernelWidth;
  checkLengths(weights, taps);
  // The kernel takes the zero point of the activations in, so the sums are those of none.
  const form = stepFormat({ ...weights, inputZero: 0 }, channels, format, Number.POSITIVE_INFINITY);
  const { rows } = form;
  const quad = quadLayout(weights, form);
  const packed = new Uint8Array(HEADER_BYTES + Math.ceil(channels / QUAD) * quad.words * 4);
  const words = new Int32Array(packed.buffer, HEADER_BYTES);
  const lanes = (form.bytes === 1 ? new Int8Array(packed.buffer) : new Int16Array(packed.buffer)).subarray(
    HEADER_BYTES / form.bytes,
  );
  new Int32Array(packed.buffer)[0] = form.code;
  // Found once: this runs before any of it is compiled, where each operation counts.
  const places = tapPlaces(weights, quad, rows);
  for (let channel = 0; channel < channels; channel++) {
    const start = Math.floor(channel / QUAD) * quad.words + (channel % QUAD);
    const zero = zeroPoints ? perChannel(zeroPoints, channel) : 0;
    let sum = 0;
    // In range: lengths are checked above, and there are two places for each tap.
    for (let tap = 0, from = channel * taps; tap < taps; tap++, from++) {
      const weight = data[from]! - zero;
      lanes[start * rows + places[2 * tap]!] = weight;
      lanes[start * rows + places[2 * tap + 1]!] = weight;
      sum += weight;
    }
    words[start] = bias?.[channel] ?? 0;
    words[start + quad.sums] = sum;
  }
  for (let first = 0; first < channels; first += QUAD) {
    const at = HEADER_BYTES + ((first / QUAD) * quad.words + QUAD) * 4;
    writeMultipliers(packed.buffer, at, weights.multipliers, first, Math.min(channels - first, QUAD), QUAD);
  }
  return packed;
}

/** Where each tap stands in the lists for even and odd windows, counted in weights from the start of its channel. */
function tapPlaces(
  { kernelHeight, kernelWidth }: DepthwiseI8Weights,
  quad: QuadLayout,
  rows: number,
): Int32Array {
  const places: Int32Array = new Int32Array(2 * kernelHeight * kernelWidth);
  const placeOf = (list: number, row: number, column: number): number =>
    (list + (Math.floor(row / rows) * kernelWidth + column) * QUAD) * rows + (row % rows);
  let at = 0;
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      places[at++] = placeOf(quad.even, row, column);
      places[at++] = placeOf(quad.odd, row + 1, column);
    }
  }
  return places;
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
