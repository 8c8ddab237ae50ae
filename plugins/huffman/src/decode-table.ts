import { canonicalCodes } from './canonical-code.js';
import { MAX_CODE_BITS } from './code-lengths.js';

/** Bits one look-up sees. 4096 entries of 12 bytes stay in the first-level cache; 11 and 13 were slower. */
export const LOOKUP_BITS = 12;
/** Symbols one look-up can give. */
export const LOOKUP_SYMBOLS = 8;

/** What the next 12 bits of a stream mean. */
export interface DecodeTable {
  /** Two words an entry: the symbols that the bits hold in full, the first in the lowest byte. */
  readonly symbols: Int32Array;
  /** Bits used (low 8) and symbols found (from bit 8) of each entry; 0 where the first code is longer. */
  readonly steps: Uint16Array;
  /** Symbols in canonical order, for codes longer than a look-up. */
  readonly sorted: Uint8Array;
  /** Number of codes of each length. */
  readonly counts: Uint16Array;
}

/** @param lengths - a checked code: complete, or of one symbol, or empty */
export function decodeTable(lengths: Uint8Array): DecodeTable {
  const first = firstSymbols(lengths);
  const size = 1 << LOOKUP_BITS;
  const symbols = new Int32Array(2 * size);
  const steps = new Uint16Array(size);
  const packed = new Uint8Array(symbols.buffer);
  for (let bits = 0; bits < size; bits++) {
    let used = 0;
    let found = 0;
    while (found < LOOKUP_SYMBOLS) {
      const entry = first[bits >>> used]!;
      const length = entry >> 8;
      // The bits above the window read as zeros: a code that reaches there is not known yet.
      if (length === 0 || used + length > LOOKUP_BITS) break;
      packed[bits * LOOKUP_SYMBOLS + found++] = entry & 255;
      used += length;
    }
    steps[bits] = used | (found << 8);
  }
  return { symbols, steps, ...canonicalOrder(lengths) };
}

/** Symbol (low 8 bits) and length of the first code in each window; 0 where it is longer than that. */
function firstSymbols(lengths: Uint8Array): Uint16Array {
  const codes = canonicalCodes(lengths);
  const first = new Uint16Array(1 << LOOKUP_BITS);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0 || length > LOOKUP_BITS) continue;
    for (let window = codes[symbol]!; window < first.length; window += 1 << length) {
      first[window] = symbol | (length << 8);
    }
  }
  return first;
}

function canonicalOrder(lengths: Uint8Array): Pick<DecodeTable, 'sorted' | 'counts'> {
  const counts = new Uint16Array(MAX_CODE_BITS + 1);
  const sorted: number[] = [];
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === bits) sorted.push(symbol);
    counts[bits] = sorted.length - counts.subarray(0, bits).reduce((sum, n) => sum + n, 0);
  }
  return { sorted: Uint8Array.from(sorted), counts };
}
