import type { NumberType } from './contestants.js';
import { sqnr } from './statistics.js';

/**
 * The least signal over error that an answer must have, in dB. All engines are at 111 or more in float32, and at 21
 * (MobileNetV2) to 42 in int8; a wrong padding, a swapped axis or a dropped bias is at 5 or less.
 */
export const leastSqnrDb: Readonly<Record<NumberType, number>> = { float32: 90, int8: 15 };

/** Whether an answer is near enough to that of plain loops to be timed. */
export function isRight(expected: Float32Array, answer: readonly number[], type: NumberType): boolean {
  return answer.length === expected.length && sqnr(expected, answer) >= leastSqnrDb[type];
}
