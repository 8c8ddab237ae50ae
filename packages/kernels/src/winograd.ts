import type { ConvShape } from './conv-shape.js';
import { type Columns, perColumn } from './panel-i8.js';

/** How a convolution moves over its input, where it is known when weights are packed. */
export interface ConvWindow {
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  /** Size of the output; absent: not known ahead */
  readonly outputHeight?: number | undefined;
  readonly outputWidth?: number | undefined;
}

/** Positions of a transformed 3x3 kernel. */
export const POSITIONS = 16;
/** With 8 to 8 channels Winograd gains 6 %, with 16 to 16 44 %, with 128 to 128 about 100 %. */
const LEAST_CHANNELS = 8;
/** The largest size of an activation less its zero point. */
const LARGEST_INPUT = 255;

/**
 * Whether exact Winograd F(2x2, 3x3) gives what the direct kernel gives, and sooner.
 *
 * Exact: sums come out four times as large, so four times the largest sum must fit int32.
 */
export function suitsWinograd(shape: ConvShape, columns: Columns, window: ConvWindow | undefined): boolean {
  const { kernelHeight, kernelWidth, channelsPerGroup, outputChannels, groups } = shape;
  if (window === undefined || kernelHeight !== 3 || kernelWidth !== 3 || groups !== 1) return false;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth } = window;
  if (strideHeight * strideWidth * dilationHeight * dilationWidth !== 1) return false;
  if (Math.min(channelsPerGroup, outputChannels) < LEAST_CHANNELS) return false;
  return tilesAreFilled(window) && sumsFit(shape, columns);
}

/**
 * Four tiles of 2x2 outputs are multiplied together. Where the outputs fill half of them it is worth it: measured with 64
 * channels, 5 x 5 (0.52 filled) gains 10 %, 3 x 3 (0.56) nothing, 1 x 28 (0.44) loses 17 %.
 */
function tilesAreFilled({ outputHeight, outputWidth }: ConvWindow): boolean {
  if (outputHeight === undefined || outputWidth === undefined) return true;
  const tiles = Math.ceil(outputHeight / 2) * Math.ceil(outputWidth / 2);
  return Math.ceil(tiles / 4) * 8 <= outputHeight * outputWidth;
}

function sumsFit(shape: ConvShape, { data, zeroPoints }: Columns): boolean {
  const each = shape.channelsPerGroup * 9;
  for (let output = 0; output < shape.outputChannels; output++) {
    const zero = zeroPoints ? perColumn(zeroPoints, output) : 0;
    let size = 0;
    for (let i = output * each; i < (output + 1) * each; i++) size += Math.abs(data[i]! - zero); // in range
    if (4 * LARGEST_INPUT * size >= 2 ** 31) return false;
  }
  return true;
}

/**
 * Writes (2G) g (2G)^T of each channel of output channel `output`: 16 positions, `rows` values apart.
 * Each is a sum of at most nine weights: within int16 for whatever int8 or uint8 weights and zero points.
 *
 * @see Lavin and Gray 2016 (arXiv:1509.09308), section 4.1
 */
export function transformColumn(
  { data, channelsPerGroup }: ConvShape & Columns,
  output: number,
  zero: number,
  rows: number,
  values: Int8Array | Int16Array,
  to: number,
): void {
  const lines = new Int32Array(12);
  for (let channel = 0; channel < channelsPerGroup; channel++) {
    const from = (output * channelsPerGroup + channel) * 9;
    for (let x = 0; x < 3; x++) {
      // In range: data holds nine weights a channel; lines holds four of three.
      const [a, b, c] = [data[from + x]! - zero, data[from + 3 + x]! - zero, data[from + 6 + x]! - zero];
      lines[x] = 2 * a;
      lines[3 + x] = a + b + c;
      lines[6 + x] = a - b + c;
      lines[9 + x] = 2 * c;
    }
    let at = to + channel;
    for (let line = 0; line < 12; line += 3) {
      const [a, b, c] = [lines[line]!, lines[line + 1]!, lines[line + 2]!];
      values[at] = 2 * a;
      values[at + rows] = a + b + c;
      values[at + 2 * rows] = a - b + c;
      values[at + 3 * rows] = 2 * c;
      at += 4 * rows;
    }
  }
}
