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

/** A model of symbols, bit by bit from the high one down. After `levels` bits there is one more symbol. */
export interface SymbolModel extends BitModel {
  /** The symbol that the last bits were of. */
  readonly symbol: number;
}

/** A counter is an estimate and, in its low bits, how many bits it has seen. */
export const COUNT_BITS = 9;
/** The most that is counted: from then on a counter forgets. The mask of the count, too. */
export const COUNT_LIMIT: number = 2 ** COUNT_BITS - 1;
const FIRST: number = 2 ** (ESTIMATE_BITS - 1 + COUNT_BITS);

/**
 * 65536 / (n + 3): what the next bit weighs after n. Started so cautiously, a stream of few symbols in a tree of 256 takes
 * 0.3 % less than by the rule of Krichevsky and Trofimov, 1 / (n + 3/2).
 */
export const shares: Int32Array = Int32Array.from({ length: COUNT_LIMIT + 1 }, (_, n) =>
  Math.floor(65536 / (n + 3)),
);

/** Counters that have seen nothing. */
export function counters(count: number): Int32Array {
  return new Int32Array(count).fill(FIRST);
}

/** The counter after one more bit. The difference loses 6 bits and the product 10: all stays in 32. */
function counted(counter: number, bit: number): number {
  const n = counter & COUNT_LIMIT;
  const estimate = counter >> COUNT_BITS;
  const step = Math.imul(((-bit & ESTIMATE_ONE) - estimate) >> 6, shares[n]!) >> 10;
  return ((estimate + step) << COUNT_BITS) | (n < COUNT_LIMIT ? n + 1 : n);
}

/** Symbols by a binary tree of counters, whatever came before. */
export class SteadySymbols implements SymbolModel {
  symbol = 0;
  readonly #counters: Int32Array;
  readonly #leaves: number;
  #node = 1;

  /** @param levels - bits of a symbol, 0..9 */
  constructor(levels: number) {
    this.#leaves = 1 << levels;
    this.#counters = counters(this.#leaves);
  }

  predict(): number {
    const probability = this.#counters[this.#node]! >> (COUNT_BITS + TO_PROBABILITY);
    return probability < 1 ? 1 : probability;
  }

  update(bit: number): void {
    const node = this.#node;
    this.#counters[node] = counted(this.#counters[node]!, bit);
    this.#node = 2 * node + bit;
    if (this.#node < this.#leaves) return;
    this.symbol = this.#node - this.#leaves;
    this.#node = 1;
  }
}

/** Groups of neighbours, by how far from zero they are. */
export const CONTEXTS = 32;

/** What a model knows of the symbols of a tensor. */
export interface SymbolRange {
  /** Bits of a symbol, 0..8. */
  readonly levels: number;
  /** Number of symbols, 1..256. */
  readonly count: number;
  /** Symbols from here on stand for values above zero. */
  readonly centre: number;
}

/**
 * The tree is mixed so far from the root. Mixed to the last of 8 levels, the weights of SqueezeNet take 0.1 % less, and
 * those of ResNet-20, of 4 levels, 0.1 % more; each level costs a quarter of a symbol's time.
 */
export const MIXED_LEVELS = 3;
/** Nodes of that part of the tree, and one that is none. */
export const MIXED_NODES: number = 2 ** MIXED_LEVELS;

/** How far from zero each symbol is, 0..15: in eighths of the way to the farthest where zero is in the middle. */
export function magnitudesOf({ levels, count, centre }: SymbolRange): Uint8Array {
  return Uint8Array.from({ length: 1 << levels }, (_, symbol) =>
    Math.min(15, Math.floor((8 * Math.abs(2 * (symbol - centre) + 1)) / count)),
  );
}

/**
 * Symbols by a tree whose upper levels are mixed with a second one, one for each magnitude of the neighbours. Weights of
 * one channel have one scale: next to large ones there are large ones.
 */
export class MixedSymbols implements SymbolModel {
  symbol = 0;
  readonly #all: Int32Array;
  readonly #near: Int32Array = counters(MIXED_NODES * CONTEXTS);
  readonly #magnitudes: Uint8Array;
  /** Magnitudes of the row above and the part of this row before; empty where there are no rows. */
  readonly #row: Uint8Array;
  readonly #leaves: number;
  /** Two weights for each level of the tree. */
  readonly #weights: Int32Array = new Int32Array(2 * MIXED_LEVELS).fill(2 ** (MIX_BITS - 1));
  #level = 0;
  #node = 1;
  #column = 0;
  #last = 0;
  #context = 0;
  #byAll = 0;
  #byNear = 0;
  #probability = 0;

  /** @param rowLength - columns; 0 where a symbol has none above it: its second neighbour is then the one before the last */
  constructor(symbols: SymbolRange, rowLength: number) {
    this.#leaves = 1 << symbols.levels;
    this.#all = counters(this.#leaves);
    this.#row = new Uint8Array(rowLength);
    this.#magnitudes = magnitudesOf(symbols);
  }

  predict(): number {
    const node = this.#node;
    const estimate = this.#all[node]! >> (COUNT_BITS + TO_PROBABILITY);
    if (node >= MIXED_NODES) return estimate < 1 ? 1 : estimate;
    const at = 2 * this.#level;
    this.#byAll = stretch[estimate]!;
    this.#byNear = stretch[this.#near[this.#context + node]! >> (COUNT_BITS + TO_PROBABILITY)]!;
    let odds =
      (Math.imul(this.#weights[at]!, this.#byAll) + Math.imul(this.#weights[at + 1]!, this.#byNear)) >>
      MIX_BITS;
    if (odds > MAX_LOG_ODDS) odds = MAX_LOG_ODDS;
    else if (odds < -MAX_LOG_ODDS) odds = -MAX_LOG_ODDS;
    this.#probability = squash[odds + 2048]!;
    return this.#probability;
  }

  update(bit: number): void {
    const node = this.#node;
    this.#all[node] = counted(this.#all[node]!, bit);
    if (node < MIXED_NODES) this.#learn(node, bit);
    this.#level++;
    this.#node = 2 * node + bit;
    if (this.#node >= this.#leaves) this.#next(this.#node - this.#leaves);
  }

  #learn(node: number, bit: number): void {
    const near = this.#context + node;
    const at = 2 * this.#level;
    const error = Math.imul((bit << PROBABILITY_BITS) - this.#probability, MIX_RATE);
    this.#weights[at]! += (Math.imul(this.#byAll, error) + MIX_HALF) >> MIX_BITS;
    this.#weights[at + 1]! += (Math.imul(this.#byNear, error) + MIX_HALF) >> MIX_BITS;
    this.#near[near] = counted(this.#near[near]!, bit);
  }

  #next(symbol: number): void {
    this.symbol = symbol;
    this.#node = 1;
    this.#level = 0;
    const magnitude = this.#magnitudes[symbol]!;
    const second = this.#row.length === 0 ? this.#last : this.#above(magnitude);
    this.#context = Math.min(CONTEXTS - 1, 2 * magnitude + second) * MIXED_NODES;
    this.#last = magnitude;
  }

  /** The magnitude above the next symbol; keeps that of this one for the next row. */
  #above(magnitude: number): number {
    this.#row[this.#column] = magnitude;
    this.#column = this.#column + 1 === this.#row.length ? 0 : this.#column + 1;
    return this.#row[this.#column]!;
  }
}
