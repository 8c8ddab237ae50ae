import { type ConvShape, groupSize } from './conv-shape.js';
import { kindOf } from './multipliers.js';
import { requireColumns } from './pack-gemm.js';
import { requireLength } from './panel.js';
import {
  type Columns,
  HEADER_BYTES,
  type Layout,
  type MakeRoom,
  panelsBytes,
  perColumn,
  roomInArrays,
  type StepFormat,
  stackOf,
  standAsWanted,
  startPacked,
  stepFormat,
  stepsFor,
  WIDE,
  writePanels,
} from './panel-i8.js';
import type { WeightFormat } from './weight-format.js';
import { type ConvWindow, POSITIONS, suitsWinograd, transformColumn } from './winograd.js';

/**
 * Integer weights of a convolution: `data` is of shape [outputChannels, channelsPerGroup, kernelHeight, kernelWidth], and
 * what is per column in `Columns` is per output channel.
 */
export interface ConvI8Weights extends ConvShape, Columns {
  /** Output pixels of a 1x1 convolution where they are known ahead: few of them are packed in half the bytes. */
  readonly expectedRows?: number | undefined;
  /** Given, a 3x3 convolution may be packed for Winograd, which no other window can use then. */
  readonly window?: ConvWindow | undefined;
}

/**
 * Weights as `conv-i8` reads them: a header as in `packGemmI8`, then for each group the panels of a matrix. Its rows go by
 * kernel column, kernel row, channel, the channels of a tap filled up to whole steps; with 1 or 3 channels
 * they go by kernel row and then along it, filled up once a row. Winograd's transformed kernels go by position.
 *
 * @param format - `Kernels.weightFormat`
 * @param make - where it goes; absent: an array
 * @throws {RangeError} when an array is shorter than its shape says, groups don't divide the channels, or `inputZero` is
 *   missing where the format needs it
 */
export function packConvI8(
  weights: ConvI8Weights,
  format: WeightFormat = 'dot16',
  make: MakeRoom = roomInArrays,
): Uint8Array {
  const { n, k } = groupSize(weights);
  const { groups } = weights;
  requireLength('weights', weights.data.length, n * groups * k);
  if (weights.bias) requireLength('bias', weights.bias.length, n * groups);
  requireColumns(weights, n * groups);
  const pointwise = weights.kernelHeight * weights.kernelWidth === 1 && groups === 1;
  const form = stepFormat(weights, n * groups, format, pointwise ? weights.expectedRows : undefined);
  const layout =
    form === WIDE && suitsWinograd(weights, weights, weights.window) ? 'winograd' : layoutFor(weights, form);
  const steps = layoutSteps(weights, layout, form);
  const groupBytes = panelsBytes(n, steps, form, kindOf(weights.multipliers));
  const oneTap = weights.kernelHeight * weights.kernelWidth === 1;
  const stack = oneTap && groups === 1 ? stackOf(weights, n, k) : null;
  const room = startPacked(make, groupBytes, groups, form, layout, steps, weights.multipliers, stack);
  const inBulk = oneTap && standAsWanted(weights, k, form);
  for (let group = 0; group < groups; group++) {
    const fill = (values: Int8Array | Int16Array, first: number, count: number): void => {
      if (inBulk) {
        const start = group * n + first;
        values.set(weights.data.subarray(start * k, (start + count) * k));
        return;
      }
      for (let column = 0; column < count; column++) {
        orderColumn(weights, group * n + first + column, layout, form, values, column * steps * form.rows);
      }
    };
    writePanels(room, HEADER_BYTES + group * groupBytes, fill, weights, group * n, n, steps, form);
  }
  return room.packed;
}

/** Channels that would leave much of a step empty go along the kernel row instead. */
function layoutFor({ channelsPerGroup, kernelWidth }: ConvShape, { rows }: StepFormat): Layout {
  return channelsPerGroup < 4 && channelsPerGroup % rows !== 0 && kernelWidth > 1 ? 'runs' : 'taps';
}

function layoutSteps(
  { channelsPerGroup, kernelHeight, kernelWidth }: ConvShape,
  layout: Layout,
  form: StepFormat,
): number {
  if (layout === 'winograd') return POSITIONS * stepsFor(channelsPerGroup, form);
  if (layout === 'runs') return kernelHeight * stepsFor(channelsPerGroup * kernelWidth, form);
  return kernelHeight * kernelWidth * stepsFor(channelsPerGroup, form);
}

/** Writes the weights of output channel `output` in the order of `layout`, from `to` on. */
function orderColumn(
  weights: ConvI8Weights,
  output: number,
  layout: Layout,
  form: StepFormat,
  values: Int8Array | Int16Array,
  to: number,
): void {
  const { data, channelsPerGroup, kernelHeight, kernelWidth, zeroPoints } = weights;
  const zero = zeroPoints ? perColumn(zeroPoints, output) : 0;
  const tapRows = stepsFor(channelsPerGroup, form) * form.rows;
  if (layout === 'winograd') {
    transformColumn(weights, output, zero, tapRows, values, to);
    return;
  }
  const runRows = stepsFor(channelsPerGroup * kernelWidth, form) * form.rows;
  const taps = kernelHeight * kernelWidth;
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      const row =
        layout === 'runs' ? ky * runRows + kx * channelsPerGroup : (kx * kernelHeight + ky) * tapRows;
      let from = output * channelsPerGroup * taps + ky * kernelWidth + kx;
      for (let channel = 0; channel < channelsPerGroup; channel++, from += taps) {
        values[to + row + channel] = data[from]! - zero; // in range: checked by packConvI8
      }
    }
  }
}
