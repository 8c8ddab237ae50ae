import type { Geometry } from './geometry.js';
import { RULES, SUM_LIMITS, type SumMultipliers, sumMultiplier } from './sum-multipliers.js';

/*
 * Int8 weights for int16 activations, as assembly/packed-i16.ts has them.
 */

const HEADER_BYTES = 16;
const PANEL_HEADER_BYTES = 128;
const MULTIPLIERS = 64;
const PANEL = 8;

/** Bytes of scratch that `gemmI16` takes, and `depthwiseConvI16` less. */
export const GEMM_I16_SCRATCH_BYTES = 256;

/** Sums of products of all int16 with weights of this size in sum fit int32. */
const MOST_WEIGHT = 2 ** 16 - 1;

/** What columns of weights have beside their weights. */
interface ColumnSums {
  /** shape [n], whole numbers at inputScale * weightScale; absent: zeros */
  readonly bias?: ArrayLike<number> | undefined;
  readonly multipliers: SumMultipliers;
  /** Zero point of the activations: it goes into the biases. */
  readonly inputZero: number;
}

/** A [k, n] matrix of int8 to multiply int16 with. */
export interface GemmI16Weights extends ColumnSums {
  readonly data: ArrayLike<number>;
  readonly k: number;
  readonly n: number;
  /** element (row, column) of `data` is at row * rowStride + column * columnStride */
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Weights of a convolution in ONNX order. */
export interface ConvI16Weights extends ColumnSums {
  /** shape [outputChannels, channelsPerGroup, kernelHeight, kernelWidth] */
  readonly data: ArrayLike<number>;
  readonly outputChannels: number;
  readonly channelsPerGroup: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly groups: number;
}

/** Weights of a depthwise convolution: one channel in each group, one result of each. */
export type DepthwiseI16Weights = Omit<ConvI16Weights, 'channelsPerGroup' | 'groups'>;

/**
 * Weights as `gemmI16` reads them; null where a sum may pass what its rule multiplies exactly.
 *
 * Weights are integers, in [-255, 255].
 */
export function packGemmI16(weights: GemmI16Weights): Uint8Array | null {
  const { data, k, n, rowStride, columnStride } = weights;
  return packMatrix(weights, k, n, 0, (row, column) => data[row * rowStride + column * columnStride] ?? 0);
}

/** Weights as `convI16` reads them, or null: see `packGemmI16`. */
export function packConvI16(weights: ConvI16Weights): Uint8Array | null {
  const { data, outputChannels, channelsPerGroup, kernelHeight, kernelWidth, groups } = weights;
  const taps = kernelHeight * kernelWidth;
  const [k, n] = [taps * channelsPerGroup, outputChannels / groups];
  const matrices: Uint8Array[] = [];
  for (let group = 0; group < groups; group++) {
    // Rows of K: taps, and the channels of each.
    const matrix = packMatrix(weights, k, n, group * n, (row, column) => {
      const tap = Math.floor(row / channelsPerGroup);
      const channel = row % channelsPerGroup;
      return data[((group * n + column) * channelsPerGroup + channel) * taps + tap] ?? 0;
    });
    if (matrix === null) return null;
    matrices.push(matrix);
  }
  return joined(matrices);
}

/** Weights as `depthwiseConvI16` reads them, or null: see `packGemmI16`; also where there are so many taps that sums may pass int32. */
export function packDepthwiseI16(weights: DepthwiseI16Weights): Uint8Array | null {
  const { data, outputChannels, kernelHeight, kernelWidth, multipliers } = weights;
  const taps = kernelHeight * kernelWidth;
  const panelBytes = PANEL_HEADER_BYTES + taps * 2 * PANEL;
  const panels = Math.ceil(outputChannels / PANEL);
  const view = packed(multipliers, taps, taps, HEADER_BYTES + panels * panelBytes);
  for (let channel = 0; channel < outputChannels; channel++) {
    const lane = channel % PANEL;
    const panel = HEADER_BYTES + Math.floor(channel / PANEL) * panelBytes;
    const column = new Column(weights, channel);
    for (let tap = 0; tap < taps; tap++) {
      const weight = data[channel * taps + tap] ?? 0;
      view.setInt16(panel + PANEL_HEADER_BYTES + (tap * PANEL + lane) * 2, weight, true);
      column.add(weight);
    }
    if (!column.write(view, panel, lane) || column.size > MOST_WEIGHT) return null;
  }
  return new Uint8Array(view.buffer);
}

function packMatrix(
  weights: ColumnSums,
  k: number,
  n: number,
  firstColumn: number,
  weightAt: (row: number, column: number) => number,
): Uint8Array | null {
  const steps = Math.ceil(k / 2);
  const panelBytes = PANEL_HEADER_BYTES + steps * 4 * PANEL;
  const columns = Array.from({ length: n }, (_, column) => new Column(weights, firstColumn + column));
  const size = HEADER_BYTES + Math.ceil(n / PANEL) * panelBytes;
  const view = packed(weights.multipliers, steps, steps, size);
  for (const [index, column] of columns.entries()) {
    const lane = index % PANEL;
    const panel = HEADER_BYTES + Math.floor(index / PANEL) * panelBytes;
    for (let row = 0; row < k; row++) {
      const weight = weightAt(row, index);
      const at = (row >> 1) * 4 * PANEL + lane * 4 + (row & 1) * 2;
      view.setInt16(panel + PANEL_HEADER_BYTES + at, weight, true);
      column.add(weight);
    }
    if (!column.write(view, panel, lane)) return null;
  }
  const fitsAtOnce = columns.every(({ size }) => size <= MOST_WEIGHT);
  if (!fitsAtOnce) {
    const largest = columns.reduce((most, { largest }) => Math.max(most, largest), 0);
    view.setInt32(8, Math.floor(MOST_WEIGHT / (2 * largest)), true);
  }
  return new Uint8Array(view.buffer);
}

/** A header, and room for the panels. */
function packed({ rule }: SumMultipliers, steps: number, chunk: number, sizeBytes: number): DataView {
  const view = new DataView(new ArrayBuffer(sizeBytes));
  view.setInt32(0, RULES[rule], true);
  view.setInt32(4, steps, true);
  view.setInt32(8, Math.max(chunk, 1), true);
  return view;
}

/** What is known of a column once its weights have been seen. */
class Column {
  /** Of all its weights together, and of the largest. */
  size = 0;
  largest = 0;
  #sum = 0;
  readonly #weights: ColumnSums;
  readonly #index: number;

  constructor(weights: ColumnSums, index: number) {
    this.#weights = weights;
    this.#index = index;
  }

  add(weight: number): void {
    this.#sum += weight;
    const size = Math.abs(weight);
    this.size += size;
    if (size > this.largest) this.largest = size;
  }

  /** Writes bias and multiplier; false where a sum could pass the limit of its rule. */
  write(view: DataView, panel: number, lane: number): boolean {
    const { bias, multipliers, inputZero } = this.#weights;
    const { rule, factors } = multipliers;
    const total = (bias?.[this.#index] ?? 0) - inputZero * this.#sum;
    const factor = factors[factors.length === 1 ? 0 : this.#index] ?? 0;
    view.setFloat64(panel + lane * 8, total, true);
    view.setFloat64(panel + MULTIPLIERS + lane * 8, sumMultiplier(rule, factor), true);
    return Math.abs(total) + 2 ** 15 * this.size < SUM_LIMITS[rule];
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes of rows that `convI16` puts together at a time. */
const ROWS_BYTES = 2 ** 16;

/** Scratch bytes for `convI16`: sums, and the rows of some pixels. */
export function convI16ScratchBytes(geometry: Geometry): number {
  const { inputChannels, groups, kernelHeight, kernelWidth } = geometry;
  const rowBytes = Math.ceil(((inputChannels / groups) * kernelHeight * kernelWidth) / 2) * 2 * 2;
  return GEMM_I16_SCRATCH_BYTES + Math.max(rowBytes, ROWS_BYTES) + 32;
}
