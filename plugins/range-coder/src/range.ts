/** The range of a coder that has coded nothing: below 2^31, so that all its numbers are small integers to an engine. */
export const START_RANGE: number = 2 ** 31 - 1;
/** A coder whose range falls below this takes a byte more: probabilities of 12 bits then keep 11 bits of precision. */
export const MIN_RANGE: number = 2 ** 23;
/** Bytes of a coder's window. */
export const WINDOW_BYTES = 4;
