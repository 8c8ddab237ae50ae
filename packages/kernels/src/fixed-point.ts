/**
 * How a product with a fixed-point multiplier is rounded: once, halves up (rule `tflite`), or once after the multiplication
 * and once, halves away from zero, after the shift (rule `tflite-double`).
 */
export type Rounding = 'once' | 'twice';

/** A real factor as value / 2^31 * 2^shift. */
export interface FixedPoint {
  /** 0, or 2^30 to 2^31 - 1 */
  readonly value: number;
  /** -31 to 30 */
  readonly shift: number;
}

/** Factors of columns as fixed-point fractions. */
export interface FixedPointMultipliers {
  readonly values: Int32Array;
  readonly shifts: Int8Array;
  readonly rounding: Rounding;
}

/** The kind of multipliers that a binary takes: `Kernels.multipliers`. */
export type MultiplierKind = 'float32' | 'fixed-point';

/**
 * The nearest fixed-point fraction, halves away from zero. Factors below 2^-32 become 0, those from 2^30 on the largest.
 *
 * @param factor - at least 0
 * @see QuantizeMultiplier in tensorflow/lite/kernels/internal/quantization_util.cc
 */
export function fixedPoint(factor: number): FixedPoint {
  const shift = exponentOf(factor);
  const value = Math.floor((factor / 2 ** shift) * 2 ** 31 + 0.5);
  if (value === 2 ** 31) return within(2 ** 30, shift + 1);
  return within(value, shift);
}

function within(value: number, shift: number): FixedPoint {
  if (shift < -31 || value === 0) return { value: 0, shift: 0 };
  return shift > 30 ? { value: 2 ** 31 - 1, shift: 30 } : { value, shift };
}

/** The exponent for which a positive number is a fraction from 1/2 to below 1; subnormals are far below what counts. */
function exponentOf(factor: number): number {
  const high = new Uint32Array(Float64Array.of(factor).buffer)[1] ?? 0;
  return ((high >>> 20) & 0x7ff) - 1022;
}

/** `fixedPoint` of each factor. */
export function fixedPointMultipliers(factors: ArrayLike<number>, rounding: Rounding): FixedPointMultipliers {
  const fractions = Array.from(factors, fixedPoint);
  return {
    values: Int32Array.from(fractions, ({ value }) => value),
    shifts: Int8Array.from(fractions, ({ shift }) => shift),
    rounding,
  };
}

/** A Scale of assembly/requantize/scale.ts, for kernels with one factor. */
export function fixedPointScale({ value, shift }: FixedPoint, rounding: Rounding): Int32Array {
  const twice = rounding === 'twice';
  const right = shift < 0;
  const bound = Math.floor((2 ** 31 - 1) / 2 ** Math.max(shift, 0));
  const nudge = twice || !right ? 2 ** 30 : 0;
  return Int32Array.of(
    value,
    shift,
    +twice,
    bound,
    right ? 2 ** (-shift - 1) : 0,
    +(twice && right),
    nudge,
    0,
  );
}

/**
 * The factor of a mean of `count` elements, from that of their sum: the multiplier takes the division in.
 *
 * @param count - at least 1
 * @see QuantizedMeanOrSum in tensorflow/lite/kernels/internal/reference/reduce.h
 */
export function fixedPointMean({ value, shift }: FixedPoint, count: number): FixedPoint {
  const bits = Math.min(31 - Math.clz32(count), 32, 31 + shift);
  return {
    value: Number((BigInt(value) << BigInt(bits)) / BigInt(count)),
    shift: shift - bits,
  };
}

/** Words of a block of four: assembly/requantize/rule.ts. */
const BLOCK_WORDS = 12;
const [POWERS, SHIFTS, AWAY, NUDGE] = [4, 8, 9, 10];

/** Words that `writeMultipliers` fills for `lanes` columns, a multiple of four. */
export function multiplierWords(multipliers: Multipliers, lanes: number): number {
  return multipliers instanceof Float32Array ? lanes : (lanes / 4) * BLOCK_WORDS;
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
