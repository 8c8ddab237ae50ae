import { HALVES_UP, MULTIPLIERS, NEAREST } from '../packed-i16';

/**
 * A sum of a column to the next int16: clamp(round(sum * multiplier) + zero, low, high), rounded as the kind of the packed
 * multipliers says.
 *
 * sum: a whole number below 2^53 in size, of kind HALVES_UP below 2^37
 * panel: what the column is in; lane: its place there
 */
export function requantizeSum(sum: f64, panel: usize, lane: i32, kind: i32, zero: i32, low: i32, high: i32): i32 {
  assert(kind == NEAREST || kind == HALVES_UP);
  const product = sum * load<f64>(panel + MULTIPLIERS + (lane << 3));
  const whole = kind == NEAREST ? nearest<f64>(product) : floor<f64>(product + 0.5);
  return <i32>min(max(whole, <f64>(low - zero)), <f64>(high - zero)) + zero;
}
