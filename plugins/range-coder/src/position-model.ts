import {
  type BitModel,
  ESTIMATE_BITS,
  ESTIMATE_ONE,
  MIX_BITS,
  MIX_HALF,
  MIX_RATE,
  TO_PROBABILITY,
} from './bit-model.js';
import { MAX_LOG_ODDS, PROBABILITY_BITS, squash, stretch } from './logistic.js';

/** Bits among neighbours: two before, and the one above. */
const CONTEXTS = 8;

function estimates(count: number, first: number): Int32Array {
  return new Int32Array(count).fill(first << (ESTIMATE_BITS - 8));
}

/**
 * Kept or not, by whether the two places before and the one above were kept: two estimates for each of the eight
 * cases, of a slow and a very slow window. For weights that fall without a pattern.
 *
 * Estimates with two speeds: Kirchhoffer et al. 2021, "Overview of the Neural Network Compression and Representation
 * (NNR) Standard"; windows of 2^8 and 2^11 lose 0.15 % to the entropy of random places, 2^5 and 2^8 lose 1 %.
 */
export class SteadyPositions implements BitModel {
  readonly #fast: Int32Array;
  readonly #slow: Int32Array;
  /** The row above, the part of this row before. */
  readonly #row: Uint8Array;
  #column = 0;
  #left = 0;
  #context = 0;

  /**
   * @param rowLength - columns; 1 or more
   * @param first - the probability to start from, 1..255 of 256
   */
  constructor(rowLength: number, first: number) {
    this.#fast = estimates(CONTEXTS, first);
    this.#slow = estimates(CONTEXTS, first);
    this.#row = new Uint8Array(rowLength);
  }

  predict(): number {
    const context = (this.#row[this.#column]! << 2) | this.#left;
    this.#context = context;
    const probability = (this.#fast[context]! + this.#slow[context]!) >> (TO_PROBABILITY + 1);
    return probability < 1 ? 1 : probability;
  }

  update(bit: number): void {
    const context = this.#context;
    const target = -bit & ESTIMATE_ONE;
    this.#fast[context]! += (target - this.#fast[context]!) >> 8;
    this.#slow[context]! += (target - this.#slow[context]!) >> 11;
    this.#left = ((this.#left << 1) | bit) & 3;
    this.#row[this.#column] = bit;
    this.#column = this.#column + 1 === this.#row.length ? 0 : this.#column + 1;
  }
}

/**
 * Kept or not, by three guesses mixed: the neighbours as above, how much of the column was kept, how much was kept just
 * before. Channels differ in how many of their weights survive, and dead ones cost next to nothing.
 *
 * Mixed in the domain of log-odds with weights that learn by gradient descent: Mahoney 2005, "Adaptive Weighing of
 * Context Models for Lossless Data Compression".
 */
export class MixedPositions implements BitModel {
  readonly #fast: Int32Array;
  readonly #slow: Int32Array;
  readonly #columns: Int32Array;
  readonly #row: Uint8Array;
  #recent: number;
  #column = 0;
  #left = 0;
  #context = 0;
  #byNeighbours = 0;
  #byColumn = 0;
  #byRecent = 0;
  // A third each, and a little more: guesses that agree are surer than any one of them.
  #weightNeighbours = 23_000;
  #weightColumn = 23_000;
  #weightRecent = 23_000;
  #probability = 0;

  /**
   * @param rowLength - columns; 1 or more
   * @param first - the probability to start from, 1..255 of 256
   */
  constructor(rowLength: number, first: number) {
    this.#fast = estimates(CONTEXTS, first);
    this.#slow = estimates(CONTEXTS, first);
    this.#columns = estimates(rowLength, first);
    this.#row = new Uint8Array(rowLength);
    this.#recent = first << (ESTIMATE_BITS - 8);
  }

  predict(): number {
    const context = (this.#row[this.#column]! << 2) | this.#left;
    this.#context = context;
    this.#byNeighbours = stretch[(this.#fast[context]! + this.#slow[context]!) >> (TO_PROBABILITY + 1)]!;
    this.#byColumn = stretch[this.#columns[this.#column]! >> TO_PROBABILITY]!;
    this.#byRecent = stretch[this.#recent >> TO_PROBABILITY]!;
    let odds =
      (Math.imul(this.#weightNeighbours, this.#byNeighbours) +
        Math.imul(this.#weightColumn, this.#byColumn) +
        Math.imul(this.#weightRecent, this.#byRecent)) >>
      MIX_BITS;
    if (odds > MAX_LOG_ODDS) odds = MAX_LOG_ODDS;
    else if (odds < -MAX_LOG_ODDS) odds = -MAX_LOG_ODDS;
    this.#probability = squash[odds + 2048]!;
    return this.#probability;
  }

  update(bit: number): void {
    const error = Math.imul((bit << PROBABILITY_BITS) - this.#probability, MIX_RATE);
    this.#weightNeighbours += (Math.imul(this.#byNeighbours, error) + MIX_HALF) >> MIX_BITS;
    this.#weightColumn += (Math.imul(this.#byColumn, error) + MIX_HALF) >> MIX_BITS;
    this.#weightRecent += (Math.imul(this.#byRecent, error) + MIX_HALF) >> MIX_BITS;
    const target = -bit & ESTIMATE_ONE;
    const context = this.#context;
    this.#fast[context]! += (target - this.#fast[context]!) >> 5;
    this.#slow[context]! += (target - this.#slow[context]!) >> 8;
    this.#columns[this.#column]! += (target - this.#columns[this.#column]!) >> 5;
    this.#recent += (target - this.#recent) >> 5;
    this.#left = ((this.#left << 1) | bit) & 3;
    this.#row[this.#column] = bit;
    this.#column = this.#column + 1 === this.#row.length ? 0 : this.#column + 1;
  }
}
