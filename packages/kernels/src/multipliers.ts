/**
 * How a product with a fixed-point multiplier is rounded: once, halves up (rule `tflite`), or once after the multiplication
 * and once, halves away from zero, after the shift (rule `tflite-double`).
 */
export type Rounding = 'once' | 'twice';

/** Factors of columns as fixed-point fractions. */
export interface FixedPointMultipliers {
  readonly values: Int32Array;
  readonly shifts: Int8Array;
  readonly rounding: Rounding;
}

/** The kind of multipliers that a binary takes: `Kernels.multipliers`. */
export type MultiplierKind = 'float32' | 'fixed-point';

/** Words of a block of four: assembly/requantize/rule.ts. */
const BLOCK_WORDS = 12;
const [POWERS, SHIFTS, AWAY, NUDGE] = [4, 8, 9, 10];

/** Words that `writeMultipliers` fills for `lanes` columns, a multiple of four. */
export function multiplierWords(kind: MultiplierKind, lanes: number): number {
  return kind === 'float32' ? lanes : (lanes / 4) * BLOCK_WORDS;
}

export function kindOf(multipliers: Multipliers): MultiplierKind {
  return multipliers instanceof Float32Array ? 'float32' : 'fixed-point';
}

/** A block of four times the one multiplier, for `packGemmBFixedI8`. */
export function multiplierBlock(multipliers: FixedPointMultipliers): Int32Array {
  const block = new Int32Array(BLOCK_WORDS);
  writeBlock(block, multipliers, 0, 4);
  return block;
}

/** Multipliers of columns, of either kind: one for each, or one for all. */
export type Multipliers = Float32Array | FixedPointMultipliers;

/** How many multipliers there are. */
export function multiplierCount(multipliers: Multipliers): number {
  return multipliers instanceof Float32Array ? multipliers.length : multipliers.values.length;
}

/**
 * Writes the multipliers of `count` columns from `from` on, for `lanes` lanes from word `at` on; those of the other
 * lanes are 0.
 */
export function writeMultipliers(
  buffer: ArrayBufferLike,
  byteOffset: number,
  multipliers: Multipliers,
  from: number,
  count: number,
  lanes: number,
): void {
  if (multipliers instanceof Float32Array) {
    const floats = new Float32Array(buffer, byteOffset, lanes);
    for (let lane = 0; lane < lanes; lane++) {
      floats[lane] = lane < count ? entry(multipliers, from + lane) : 0;
    }
    return;
  }
  for (let lane = 0; lane < lanes; lane += 4) {
    const block = new Int32Array(buffer, byteOffset + lane * 3 * 4, BLOCK_WORDS);
    writeBlock(block, multipliers, from + lane, Math.min(Math.max(count - lane, 0), 4));
  }
}

function writeBlock(
  block: Int32Array,
  { values, shifts, rounding }: FixedPointMultipliers,
  from: number,
  count: number,
): void {
  const bytes = new Int8Array(block.buffer, block.byteOffset + SHIFTS * 4, 4);
  for (let lane = 0; lane < 4; lane++) {
    block[lane] = lane < count ? entry(values, from + lane) : 0;
    // A multiplier of 0 gives 0 by any shift: one that keeps the block fast.
    bytes[lane] = block[lane] === 0 ? -1 : entry(shifts, from + lane);
  }
  const fast = bytes.every((shift) => shift < 0);
  for (let lane = 0; lane < 4; lane++) block[POWERS + lane] = fast ? 2 ** (31 + bytes[lane]!) : 0;
  block[AWAY] = +(rounding === 'twice');
  block[NUDGE] = rounding === 'twice' ? 2 ** 30 : 0;
  block[NUDGE + 1] = 0;
}

/** Entry `index`, or the only one. Lengths are checked before. */
function entry(values: ArrayLike<number>, index: number): number {
  return values[values.length === 1 ? 0 : index]!;
}
