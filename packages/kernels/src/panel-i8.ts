import {
  kindOf,
  type MultiplierKind,
  type Multipliers,
  multiplierWords,
  writeMultipliers,
} from './multipliers.js';
import { PANEL } from './panel.js';
import type { WeightFormat } from './weight-format.js';

/** Bytes before the first panel: format, layout, kind of multipliers and steps as int32, read by assembly/packed-i8.ts. */
export const HEADER_BYTES = 16;
/** 8 int32 biases. */
const BIAS_BYTES = 4 * PANEL;

/** How the rows of K are ordered: numbers of assembly/packed-i8.ts. */
export const LAYOUTS = { taps: 0, runs: 1, winograd: 2 } as const;
export type Layout = keyof typeof LAYOUTS;

/** How the weights of one step of K are stored. */
export interface StepFormat {
  readonly code: number;
  /** rows of K in a step */
  readonly rows: 2 | 4;
  /** bytes of one weight */
  readonly bytes: 1 | 2;
  /** what the kernel adds to an activation, where biases take the zero point in; absent: it subtracts the zero point */
  readonly added?: number;
}

const DOT16: StepFormat = { code: 0, rows: 2, bytes: 2 };
const DOT16_NARROW: StepFormat = { code: 1, rows: 2, bytes: 1 };
const DOT8: { readonly [Name in Exclude<WeightFormat, 'dot16'>]: StepFormat } = {
  'dot8-signed': { code: 2, rows: 4, bytes: 1, added: 0 },
  'dot8-unsigned': { code: 3, rows: 4, bytes: 1, added: 128 },
};

/** Integer weights of columns, and what turns their sums into int8. */
export interface Columns {
  readonly data: Int8Array | Uint8Array;
  /** shape [n] at scale inputScale * weightScale, zero point 0; absent: zeros */
  readonly bias?: Int32Array | undefined;
  /** shape [n] or [1]: `requantizeMultiplier` of each column, or `fixedPointMultipliers`: the kind `Kernels.multipliers` */
  readonly multipliers: Multipliers;
  /** shape [n] or [1], subtracted from the weights; absent: 0, symmetric weights */
  readonly zeroPoints?: Int8Array | Uint8Array | undefined;
  /** Zero point of the activations: the dot8 formats fold it into the biases and need it. */
  readonly inputZero?: number | undefined;
}

/** Below this many rows of activations memory bounds the product, and half the bytes are worth widening them. */
const FEW_ROWS = 4;

/**
 * The form in which weights are stored. Those that leave int8 when their zero point is subtracted are kept as int16.
 *
 * @param expectedRows - rows of activations where they are known ahead
 */
export function stepFormat(
  columns: Columns,
  n: number,
  format: WeightFormat,
  expectedRows: number = FEW_ROWS,
): StepFormat {
  if (!fitsInt8(columns, n)) return DOT16;
  if (format !== 'dot16') {
    if (columns.inputZero === undefined)
      throw new RangeError(`Weights of format ${format} need the zero point of the activations, inputZero.`);
    return DOT8[format];
  }
  return expectedRows < FEW_ROWS ? DOT16_NARROW : DOT16;
}

/** Int16, for weights that are transformed. */
export const WIDE: StepFormat = DOT16;

function fitsInt8({ data, zeroPoints }: Columns, n: number): boolean {
  if (data instanceof Int8Array && (zeroPoints?.every((zero) => zero === 0) ?? true)) return true;
  let [least, most] = [0, 0];
  for (const value of data) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const zeros = zeroPoints?.subarray(0, n) ?? [0];
  return most - Math.min(...zeros) <= 127 && least - Math.max(...zeros) >= -128;
}

/** Steps of K that hold `rows` rows. */
export function stepsFor(rows: number, format: StepFormat): number {
  return Math.ceil(rows / format.rows);
}

/** Bytes of the panels of n columns. */
export function panelsBytes(
  n: number,
  steps: number,
  { rows, bytes }: StepFormat,
  kind: MultiplierKind,
): number {
  return Math.ceil(n / PANEL) * (headerBytes(kind) + steps * rows * bytes * PANEL);
}

/** Bytes of a panel before its weights. */
function headerBytes(kind: MultiplierKind): number {
  return BIAS_BYTES + 4 * multiplierWords(kind, PANEL);
}

/** Where packed weights go, and where a panel is put together. */
export interface PanelRoom {
  readonly packed: Uint8Array;
  /** The weights of 8 columns, one column behind the other. Zeros at first. */
  readonly values: Int8Array | Int16Array;
  /** Writes them to `packed` from byte `at` on, the weights of one step of K next to each other. */
  interleave(at: number): void;
  /** Whether the columns that `MakeRoom` was given are in `packed` already, with their sums in the place of biases. */
  readonly isFilled?: boolean;
}

/** All columns of a matrix, one behind the other: n of k int8. */
export interface Stack {
  readonly data: Int8Array;
  readonly n: number;
  readonly k: number;
}

/** Room for `sizeBytes` bytes of packed weights, in columns of `steps` steps. It may be filled with `stack` then, or not. */
export type MakeRoom = (
  sizeBytes: number,
  steps: number,
  format: StepFormat,
  stack: Stack | null,
) => PanelRoom;

/** Packed weights in an array of their own. */
export const roomInArrays: MakeRoom = (sizeBytes, steps, format) => {
  const packed = new Uint8Array(sizeBytes);
  const length = PANEL * steps * format.rows;
  const values = format.bytes === 1 ? new Int8Array(length) : new Int16Array(length);
  return { packed, values, interleave: (at) => interleave(packed, at, values, steps, format) };
};

/** Room for packed weights of `groups` groups with their header written. */
export function startPacked(
  make: MakeRoom,
  groupBytes: number,
  groups: number,
  format: StepFormat,
  layout: Layout,
  steps: number,
  multipliers: Multipliers,
  stack: Stack | null = null,
): PanelRoom {
  const room = make(HEADER_BYTES + groupBytes * groups, steps, format, stack);
  const { buffer, byteOffset } = room.packed;
  new Int32Array(buffer, byteOffset, 4).set([
    format.code,
    LAYOUTS[layout],
    kindOf(multipliers) === 'float32' ? 0 : 1,
    steps,
  ]);
  return room;
}

/**
 * Writes panels of 8 columns: biases, multipliers, and then for each step of K the weights of the 8 columns next to each
 * other. Columns past n are zero. Panel by panel, so that what is read and written stays in the cache.
 *
 * @param fill - writes `count` columns from `first` on to the room's `values`, each `steps` * `format.rows` long; what it
 *   leaves out is what it was in the panel before
 * @param from - the first of the n columns in `columns`
 */
export function writePanels(
  room: PanelRoom,
  at: number,
  fill: (values: Int8Array | Int16Array, first: number, count: number) => void,
  columns: Columns,
  from: number,
  n: number,
  steps: number,
  format: StepFormat,
): void {
  const { packed, values, isFilled = false } = room;
  const { multipliers } = columns;
  const panelBytes = panelsBytes(1, steps, format, kindOf(multipliers));
  const biases = new Int32Array(packed.buffer, packed.byteOffset, packed.length >> 2);
  for (let first = 0, panel = at; first < n; first += PANEL, panel += panelBytes) {
    const count = Math.min(PANEL, n - first);
    if (!isFilled) {
      if (count < PANEL) values.fill(0);
      fill(values, first, count);
    }
    for (let column = 0, word = panel >> 2; column < PANEL; column++, word++) {
      const used = column < count;
      const sum = isFilled ? biases[word]! : sumOf(values, column, steps, format); // in range
      const folded = used ? foldedZero(sum, columns, format) : 0;
      biases[word] = used ? (columns.bias?.[from + first + column] ?? 0) - folded : 0;
    }
    const { buffer, byteOffset } = packed;
    writeMultipliers(buffer, byteOffset + panel + BIAS_BYTES, multipliers, from + first, count, PANEL);
    if (!isFilled) room.interleave(panel + headerBytes(kindOf(multipliers)));
  }
}

/** The columns of a panel next to each other: eight streams of reads, one of writes. */
export function interleave(
  packed: Uint8Array,
  at: number,
  values: Int8Array | Int16Array,
  steps: number,
  { rows, bytes }: StepFormat,
): void {
  const { buffer, byteOffset } = values;
  const start = packed.byteOffset + at;
  const length = steps * PANEL;
  if (rows * bytes === 4) {
    spreadWords(
      new Int32Array(packed.buffer, start, length),
      new Int32Array(buffer, byteOffset, length),
      steps,
    );
  } else {
    spreadHalves(
      new Int16Array(packed.buffer, start, length),
      new Int16Array(buffer, byteOffset, length),
      steps,
    );
  }
}

// Two functions, each compiled for one class of arrays. In range: all hold eight columns of `steps`.

function spreadWords(to: Int32Array, from: Int32Array, steps: number): void {
  for (let step = 0, lane = 0; step < steps; step++) {
    for (let at = step; at < from.length; at += steps) to[lane++] = from[at]!;
  }
}

function spreadHalves(to: Int16Array, from: Int16Array, steps: number): void {
  for (let step = 0, lane = 0; step < steps; step++) {
    for (let at = step; at < from.length; at += steps) to[lane++] = from[at]!;
  }
}

/** What the zero point and the 128 of uint8 activations add to a sum: exact modulo 2^32, as the sum is. */
function foldedZero(sum: number, { inputZero = 0 }: Columns, { added }: StepFormat): number {
  return added === undefined ? 0 : (inputZero + added) * sum;
}

/** The weights of a column added up, where the format wants to know. */
function sumOf(
  values: Int8Array | Int16Array,
  column: number,
  steps: number,
  { rows, added }: StepFormat,
): number {
  let sum = 0;
  const length = added === undefined ? 0 : steps * rows;
  for (let i = column * length; i < (column + 1) * length; i++) sum += values[i]!; // in range
  return sum;
}

/** The columns as a stack, where nothing is to be subtracted and they are int8; null where they are not. */
export function stackOf({ data, zeroPoints }: Columns, n: number, k: number): Stack | null {
  if (!(data instanceof Int8Array) || zeroPoints?.some((zero) => zero !== 0)) return null;
  return { data: data.subarray(0, n * k), n, k };
}

/** Entry `column`, or the only one. Lengths are checked before. */
export function perColumn(values: ArrayLike<number>, column: number): number {
  return values[values.length === 1 ? 0 : column]!;
}

/**
 * Whether columns of `rows` weights can be copied as they are: nothing is subtracted, and they fill their steps. Copied by
 * the panel they take a tenth of the time of a loop that no compiler has seen yet.
 */
export function standAsWanted({ zeroPoints }: Columns, rows: number, format: StepFormat): boolean {
  return rows % format.rows === 0 && (zeroPoints === undefined || zeroPoints.every((zero) => zero === 0));
}
