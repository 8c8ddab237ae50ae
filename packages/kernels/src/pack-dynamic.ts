import type { Geometry } from './geometry.js';
import { requireLength, requireMatrix } from './panel.js';
import type { WeightFormat } from './weight-format.js';

/*
 * Int8 weights for codes of run-time ranges, as assembly/packed-dynamic.ts has them.
 */

const PANEL = 8;
const HEADER_BYTES = 96;
const DEPTHWISE_HEADER_BYTES = 64;
const SCALES = 32;
const BIASES = 64;

/** Of each range: float32 scale, int32 zero point. */
export const UNIT_BYTES = 8;

/** How reals become codes, and sums reals: assembly/packed-dynamic.ts. `tflite-each` is how LiteRT takes depthwise convolutions. */
export type DynamicWay = 'onnx' | 'tflite' | 'tflite-each';
export const DYNAMIC_WAYS: Readonly<Record<DynamicWay, number>> = { onnx: 0, tflite: 1, 'tflite-each': 2 };

/** The number by which kernels know a format of weights: assembly/packed-i8.ts, DOT16_NARROW and on. */
export function weightFormatNumber(format: WeightFormat): number {
  return { dot16: 1, 'dot8-signed': 2, 'dot8-unsigned': 3 }[format];
}

/** What columns have beside weights. */
export interface DynamicColumns {
  /** int8, no zero point */
  readonly data: Int8Array;
  /** one a column, or one for all */
  readonly scales: Float32Array;
  /** shape [n]; absent: zeros */
  readonly bias?: Float32Array | undefined;
}

/** A [k, n] matrix. */
export interface DynamicMatrix extends DynamicColumns {
  readonly k: number;
  readonly n: number;
  /** element (row, column) of `data` is at row * rowStride + column * columnStride */
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Weights of a convolution in ONNX order. */
export interface DynamicConvWeights extends DynamicColumns {
  readonly outputChannels: number;
  readonly channelsPerGroup: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly groups: number;
  readonly dilationWidth: number;
}

/** Bytes from one panel of 8 columns to the next. */
export function dynamicPanelBytes(k: number): number {
  return HEADER_BYTES + wholeFours(k) * PANEL;
}

/** Weights as `gemmDynamic` reads them. @throws {RangeError} when an array is shorter than its shape says */
export function packMatrixDynamic(matrix: DynamicMatrix, format: WeightFormat): Uint8Array {
  const { data, k, n, rowStride, columnStride } = matrix;
  requireMatrix(matrix);
  const packed = new Panels(matrix, format, 1, n, wholeFours(k));
  for (let column = 0; column < n; column++) {
    packed.start(0, column);
    for (let row = 0; row < k; row++) packed.put(row, data[row * rowStride + column * columnStride]!); // in range
    packed.end(column);
  }
  return packed.bytes;
}

/** Weights as `convDynamic` reads them. @throws {RangeError} as `packMatrixDynamic` */
export function packConvDynamic(weights: DynamicConvWeights, format: WeightFormat): Uint8Array {
  const { data, outputChannels, channelsPerGroup, kernelHeight, kernelWidth, groups } = weights;
  const taps = kernelHeight * kernelWidth;
  requireLength('weights', data.length, outputChannels * channelsPerGroup * taps);
  const runTaps = groups === 1 && weights.dilationWidth === 1 ? kernelWidth : 1;
  const run = wholeFours(runTaps * channelsPerGroup);
  const outputs = outputChannels / groups;
  const packed = new Panels(weights, format, groups, outputs, (taps / runTaps) * run);
  for (let channel = 0; channel < outputChannels; channel++) {
    packed.start(Math.floor(channel / outputs), channel % outputs);
    for (let tap = 0; tap < taps; tap++) {
      const row = Math.floor(tap / runTaps) * run + (tap % runTaps) * channelsPerGroup;
      const from = channel * channelsPerGroup * taps + tap;
      for (let i = 0; i < channelsPerGroup; i++) packed.put(row + i, data[from + i * taps]!); // in range
    }
    packed.end(channel);
  }
  return packed.bytes;
}

/** Weights as `depthwiseConvDynamic` reads them. @throws {RangeError} as `packMatrixDynamic` */
export function packDepthwiseDynamic(
  weights: Omit<DynamicConvWeights, 'channelsPerGroup' | 'groups' | 'dilationWidth'>,
): Uint8Array {
  const { data, scales, bias, outputChannels, kernelHeight, kernelWidth } = weights;
  const taps = kernelHeight * kernelWidth;
  requireLength('weights', data.length, outputChannels * taps);
  const panelBytes = DEPTHWISE_HEADER_BYTES + taps * PANEL;
  const view = new DataView(new ArrayBuffer(Math.ceil(outputChannels / PANEL) * panelBytes));
  for (let channel = 0; channel < outputChannels; channel++) {
    const lane = channel % PANEL;
    const panel = Math.floor(channel / PANEL) * panelBytes;
    view.setFloat32(panel + lane * 4, scaleOf(scales, channel), true);
    view.setFloat32(panel + SCALES + lane * 4, bias?.[channel] ?? 0, true);
    for (let tap = 0; tap < taps; tap++)
      view.setInt8(panel + DEPTHWISE_HEADER_BYTES + tap * PANEL + lane, data[channel * taps + tap]!); // in range
  }
  return new Uint8Array(view.buffer);
}

/** Panels of the columns of some groups, each column written from its start to its end. */
class Panels {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #columns: DynamicColumns;
  readonly #panelBytes: number;
  readonly #groupBytes: number;
  /** Rows of K that stand side by side, as a shift. */
  readonly #shift: number;
  #panel = 0;
  #lane = 0;
  #sum = 0;

  constructor(columns: DynamicColumns, format: WeightFormat, groups: number, n: number, k: number) {
    this.#columns = columns;
    this.#panelBytes = HEADER_BYTES + k * PANEL;
    this.#groupBytes = Math.ceil(n / PANEL) * this.#panelBytes;
    this.bytes = new Uint8Array(groups * this.#groupBytes);
    this.#view = new DataView(this.bytes.buffer);
    this.#shift = format === 'dot16' ? 1 : 2;
  }

  start(group: number, column: number): void {
    this.#panel = group * this.#groupBytes + Math.floor(column / PANEL) * this.#panelBytes;
    this.#lane = column % PANEL;
    this.#sum = 0;
  }

  put(row: number, weight: number): void {
    const shift = this.#shift;
    const inside = row & ((1 << shift) - 1);
    const at = ((row >> shift) * PANEL + this.#lane) << shift;
    this.bytes[this.#panel + HEADER_BYTES + at + inside] = weight;
    this.#sum += weight;
  }

  /** @param channel - counted over all groups */
  end(channel: number): void {
    const { scales, bias } = this.#columns;
    const at = this.#panel + this.#lane * 4;
    this.#view.setInt32(at, this.#sum, true);
    this.#view.setFloat32(at + SCALES, scaleOf(scales, channel), true);
    this.#view.setFloat32(at + BIASES, bias?.[channel] ?? 0, true);
  }
}

function scaleOf(scales: Float32Array, channel: number): number {
  return scales[scales.length === 1 ? 0 : channel] ?? 0;
}

function wholeFours(n: number): number {
  return Math.ceil(n / 4) * 4;
}

/** Interleaved rows that stay in the second-level cache. */
const ROWS_BYTES = 2 ** 17;
/** A Sweep with its sums, and what vectors write past rows and lines. */
const FIXED_BYTES = 304 + 80 + 32;
/** Rows of the highest tile, of at most 2 bytes an element. */
const TILE_ROWS = 6;

/** Scratch bytes for `gemmDynamic` with rows of k, or for `convDynamic`. */
export function dynamicScratchBytes(shape: number | Geometry): number {
  if (typeof shape === 'number') return FIXED_BYTES + rowsBytes(shape);
  const { inputChannels, kernelHeight, kernelWidth, outputWidth, strideWidth, dilationWidth, groups } = shape;
  const line = ((outputWidth - 1) * strideWidth + (kernelWidth - 1) * dilationWidth + 1) * inputChannels;
  // Each run of channels may be filled up by three.
  const k = kernelHeight * kernelWidth * (inputChannels / groups + 3);
  return FIXED_BYTES + kernelHeight * line + rowsBytes(k);
}

function rowsBytes(k: number): number {
  return Math.max(wholeFours(k) * TILE_ROWS * 2, ROWS_BYTES);
}
