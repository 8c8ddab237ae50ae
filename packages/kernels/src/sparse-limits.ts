import type { WeightFormat } from './weight-format.js';

/** How pruned weights are packed: for blocks of rows (`packSparseF32`), or for few (`packSparseVectorF32`). */
export type SparseForm = 'rows' | 'vector';

/** What pays for a number of rows. */
export interface SparseLimit {
  readonly form: SparseForm;
  /** Fraction of weights kept, up to which a sparse product is faster than the dense one. */
  readonly density: number;
}

/** Rows that `sparse-gemm-f32` and `sparse-gemm-i8` compute at once: work is best shared out by these. */
export const SPARSE_BLOCK_ROWS: { readonly float32: number; readonly int8: number } = {
  float32: 28,
  int8: 24,
};

interface Line extends SparseLimit {
  /** The most rows that this holds for. */
  readonly rows: number;
}

type Table = readonly [Line, ...Line[]];

/**
 * Measured by `node bench/sparse.js` in Node 20 and 24 on a Zen 4, 64 to 1024 rows and columns of weights: the densities
 * where both took the same time, less a tenth to a fifth. Products of 16 rows and more were equal at 0.55 to 0.75
 * (float32) and 0.40 to 0.60 (int8), one row at 0.21 to 0.33 and 0.38 to 0.70. At 10 % kept blocks of rows are 3 to 6
 * (float32) and 2.2 to 5 (int8) times as fast, one row 2 to 2.5 and 2 to 4 times.
 */
const float32Table: Table = [
  { rows: 2, form: 'vector', density: 0.2 },
  { rows: 7, form: 'rows', density: 0.2 },
  { rows: 15, form: 'rows', density: 0.33 },
  { rows: Number.POSITIVE_INFINITY, form: 'rows', density: 0.5 },
];
const int8Table: Table = [
  { rows: 1, form: 'vector', density: 0.38 },
  { rows: 4, form: 'vector', density: 0.25 },
  { rows: 7, form: 'rows', density: 0.2 },
  { rows: 15, form: 'rows', density: 0.33 },
  { rows: Number.POSITIVE_INFINITY, form: 'rows', density: 0.38 },
];

/** How much faster dense products are with the exact relaxed dot product: 129 against 53.6 GMAC/s at their peaks. */
const relaxedDotGain = 2.4;

/**
 * The form of pruned weights for a number of rows, and up to which density they pay.
 *
 * @param format - how the dense product's int8 weights would be packed
 */
export function sparseLimit(
  type: 'float32' | 'int8',
  rows: number,
  format: WeightFormat = 'dot16',
): SparseLimit {
  const table = type === 'float32' ? float32Table : int8Table;
  // The last line holds for any number of rows.
  const { form, density } = table.find((line) => rows <= line.rows) ?? table[0];
  const gain = type === 'int8' && format !== 'dot16' ? relaxedDotGain : 1;
  return { form, density: density / gain };
}

/** What decides whether a convolution of one group with pruned weights pays. */
export interface SparseWindow {
  /** Output pixels of all images. */
  readonly pixels: number;
  readonly inputChannels: number;
  /** Whether it is one of 3 x 3 with stride and dilation 1, which Winograd computes in int8. */
  readonly suitsWinograd: boolean;
}

/** Of a product by Winograd's transformed weights, by channels; of others, and of any in float32. */
const convolutionLimits = { winograd: 0.16, narrowWinograd: 0.08, other: 0.38, float32: 0.4 };

/** Channels below which transposing the inputs takes most of the time. */
const leastWinogradChannels = 32;

/**
 * Up to which density a convolution by pruned weights is faster than the dense one; 0 where it never is.
 *
 * Measured by `node bench/sparse.js conv`, 3 x 3 over 8 to 56 pixels a side: equal at 0.40 to 0.76 (16 channels) and
 * about 0.63 (more) in float32; in int8 at 0.10 (16 channels) and 0.22 to 0.27 (32 to 256) against Winograd, 0.48 to
 * 0.59 with stride 2. At 10 % kept it is 2.2 to 5.3 times as fast in float32, in int8 1 to 2.5 times, with stride 2
 * 2.3 to 4.6 times.
 */
export function sparseConvLimit(
  type: 'float32' | 'int8',
  { pixels, inputChannels, suitsWinograd }: SparseWindow,
  format: WeightFormat = 'dot16',
): number {
  const { form, density } = sparseLimit(type, pixels, format);
  // Convolutions have no form for few pixels.
  if (form === 'vector') return 0;
  if (type === 'float32') return Math.min(density, convolutionLimits.float32);
  if (format !== 'dot16' || !suitsWinograd) return Math.min(density, convolutionLimits.other);
  const isNarrow = inputChannels < leastWinogradChannels;
  return Math.min(density, convolutionLimits[isNarrow ? 'narrowWinograd' : 'winograd']);
}
