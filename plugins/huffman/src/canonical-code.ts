import { FormatError } from '@espalier/core';
import { MAX_CODE_BITS } from './code-lengths.js';

/**
 * The code words of canonical lengths: shorter codes first, equals in order of symbol.
 *
 * Streams are written from the low bit up while canonical codes compare from the high bit down, so
 * each word is stored bit-reversed, as RFC 1951 section 3.1.1 packs Huffman codes.
 *
 * @param lengths - 0..15 for each symbol; 0 where a symbol has no code
 * @returns the reversed word of each symbol
 * @see RFC 1951, section 3.2.2
 */
export function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let next = 0;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    next <<= 1;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === bits) codes[symbol] = reverseBits(next++, bits);
    }
  }
  return codes;
}

/**
 * Checks that lengths make a prefix code in which every bit string is the start of some code.
 *
 * The one code that may leave strings unused is that of a single symbol, "0".
 *
 * @throws {FormatError} when codes overlap (over-subscribed) or bit strings stay without meaning
 */
export function checkComplete(lengths: Uint8Array): void {
  let used = 0;
  let space = 0;
  for (const bits of lengths) {
    if (bits === 0) continue;
    used++;
    space += 2 ** (MAX_CODE_BITS - bits);
  }
  const full = 2 ** MAX_CODE_BITS;
  if (used === 0 || space === full || (used === 1 && space === full / 2)) return;
  throw new FormatError({
    what: `A Huffman table is ${space > full ? 'over' : 'under'}-subscribed: its ${used} codes fill ${space} of ${full} places.`,
    fix: 'The file is damaged: fetch or write it again.',
  });
}

function reverseBits(code: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed |= ((code >>> i) & 1) << (bits - 1 - i);
  return reversed;
}
