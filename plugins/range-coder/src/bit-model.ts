import { PROBABILITY_BITS } from './logistic.js';

/** Guesses a stream of bits: the same guesses for coder and decoder, who both tell it each bit. */
export interface BitModel {
  /** The probability that the next bit is a 1, 1..4095 of 4096. */
  predict(): number;
  /** Learns the bit that came. */
  update(bit: number): void;
}

/** Estimates count parts of 2^22: fine enough for the slowest, small enough for 32 bits. */
export const ESTIMATE_BITS = 22;
export const ESTIMATE_ONE: number = 2 ** ESTIMATE_BITS - 1;
/** An estimate less its low bits is a probability. */
export const TO_PROBABILITY: number = ESTIMATE_BITS - PROBABILITY_BITS;
/** Weights of the mixers count 65536ths. */
export const MIX_BITS = 16;
export const MIX_HALF: number = 2 ** (MIX_BITS - 1);
/** How fast the weights of the mixers learn. Halved or doubled, real networks take 0.1 % more bytes. */
export const MIX_RATE = 10;
