import { clamp, roundHalfEven } from '@espalier/core';

/** Of the mean of the diagonal, added to it: directions that the data never took still cost something. */
const damping = 0.01;

/** Turns over all weights of a row, at most. */
const mostSweeps = 24;

/** A row of weights and what it is rounded to. */
export interface RoundingRow {
  /** Reals, of one output channel. */
  readonly weights: Float32Array;
  /** The step of each weight: one number for all, or one for each. */
  readonly scales: Float32Array;
  /** Codes are from -largest to largest. */
  readonly largest: number;
}

/**
 * Codes for one output channel that change its output least, over the data: they minimize
 *
 *   e H e^T,  e = w - scale * q,  H = E[x x^T]
 *
 * AdaRound's quadratic problem before its relaxation, solved by coordinate descent: each weight in turn takes the code that is best while all
 * others stay, until none changes. Starts at the nearest codes, so the error is never larger than theirs.
 * Zeros stay zero. Sums, products and quotients only: the same codes on every machine.
 *
 * @param second - H, row-major, of as many rows as there are weights
 * @returns int8 codes
 * @see Nagel et al. 2020 (arXiv:2004.10568), section 3.2; Behdin et al. 2023 (arXiv:2309.01885), section 3, for the descent
 */
export function adaptiveCodes(row: RoundingRow, second: Float64Array): Int8Array {
  const { weights, scales, largest } = row;
  const { length } = weights;
  const codes = new Int8Array(length);
  const error = new Float64Array(length);
  const scaleOf = (i: number): number => scales[scales.length === 1 ? 0 : i] as number; // one, or one a weight
  for (let i = 0; i < length; i++) {
    const scale = scaleOf(i);
    const weight = weights[i] as number; // i < length
    codes[i] = clamp(roundHalfEven(Math.fround(weight / scale)), -largest, largest);
    error[i] = weight - scale * (codes[i] as number);
  }
  const extra = damping * meanOfDiagonal(second, length);
  const gradient = gradientOf(second, error, extra);
  for (let sweep = 0, changed = true; changed && sweep < mostSweeps; sweep++) {
    changed = false;
    for (let i = 0; i < length; i++) {
      const own = (second[i * length + i] as number) + extra; // i < length
      if (weights[i] === 0 || !(own > 0)) continue;
      const scale = scaleOf(i);
      const code = codes[i] as number; // i < length
      const best = clamp(roundHalfEven(code + (gradient[i] as number) / own / scale), -largest, largest);
      if (best === code) continue;
      // Rounding of the gradient must not make two codes take turns for ever.
      const change = scale * (code - best);
      if (change * (2 * (gradient[i] as number) + change * own) >= 0) continue;
      codes[i] = best;
      changed = true;
      const line = i * length;
      for (let j = 0; j < length; j++)
        gradient[j] = (gradient[j] as number) + change * (second[line + j] as number); // j < length
      gradient[i] = (gradient[i] as number) + change * extra;
    }
  }
  return codes;
}

/** (H + extra I) e. */
function gradientOf(second: Float64Array, error: Float64Array, extra: number): Float64Array {
  const { length } = error;
  const gradient = error.map((e) => e * extra);
  for (let i = 0; i < length; i++) {
    const e = error[i] as number; // i < length
    const line = i * length;
    for (let j = 0; j < length; j++) gradient[j] = (gradient[j] as number) + e * (second[line + j] as number); // j < length
  }
  return gradient;
}

function meanOfDiagonal(second: Float64Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += second[i * length + i] as number; // i < length
  return sum / Math.max(1, length);
}

/** e H e^T: the mean squared error of a row's output over the data. */
export function outputError(error: ArrayLike<number>, second: Float64Array): number {
  const { length } = error;
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const e = error[i] as number; // i < length
    for (let j = 0; j < length; j++) sum += e * (second[i * length + j] as number) * (error[j] as number); // j < length
  }
  return sum;
}
