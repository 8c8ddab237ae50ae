/** Bits of a probability: it counts 4096ths, 1..4095. */
export const PROBABILITY_BITS = 12;
const ONE: number = 2 ** PROBABILITY_BITS;

/** Log-odds count 256ths of a natural unit, -2047..2047: nearly 8 units, odds of 1 : 2974. */
export const MAX_LOG_ODDS = 2047;

/** 4096 / (1 + e^(-x / 2)) for x = 0..16, rounded. The other half follows: s(-x) = 4096 - s(x). */
const sigmoid: readonly number[] = [
  2048, 2550, 2994, 3349, 3608, 3785, 3902, 3976, 4022, 4051, 4069, 4079, 4086, 4090, 4092, 4094, 4095,
];
/** Log-odds between two entries of the table. */
const STEP = 128;

/**
 * Probabilities by log-odds: `squash[x + 2048]` is 4096 / (1 + e^(-x / 256)), straight lines between the entries of
 * the table. Integers only, so that every engine has the same.
 */
export const squash: Int16Array = Int16Array.from({ length: ONE }, (_, at) => {
  const x = Math.abs(at - 2048);
  const entry = Math.floor(x / STEP);
  const low = sigmoid[entry]!; // x <= 2048, so that entry <= 16
  const high = sigmoid[entry + 1] ?? low;
  const value = low + Math.floor(((high - low) * (x % STEP) + STEP / 2) / STEP);
  return Math.min(ONE - 1, at < 2048 ? ONE - value : value);
});

/** Log-odds by probability, the inverse of `squash`: the middle of those that give it, or of those nearest to it. */
export const stretch: Int16Array = invert();

function invert(): Int16Array {
  const out = new Int16Array(ONE);
  let from = 1 - 2048; // squash[0] stands for a log-odds that is never used
  for (let probability = 0; probability < ONE; probability++) {
    let to = from;
    while (to < MAX_LOG_ODDS && squash[to + 2048]! <= probability) to++;
    out[probability] = Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, Math.floor((from + to) / 2)));
    from = to;
  }
  return out;
}
