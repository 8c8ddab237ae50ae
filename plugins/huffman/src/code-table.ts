import { FormatError } from '@espalier/core';
import { BitReader, BitWriter } from './bits.js';
import { checkComplete } from './canonical-code.js';
import { MAX_CODE_BITS } from './code-lengths.js';

const ALPHABET = 256;
/** The length the first difference is taken from: near the middle of a 5-bit codebook's lengths. */
const FIRST_LENGTH = 6;

/**
 * Code lengths as a few bits each: neighbours in a codebook or a gap stream have near lengths.
 *
 * Symbols from 0 up: `0` is the length of the symbol before (absent symbols skipped), `10` and a
 * sign bit is one more (0) or one less (1), `110` and 4 bits is any length, `111` and an Elias gamma
 * number is a run of absent symbols. The table ends where the codes are complete; for one symbol,
 * whose code never is, a run to the end of the alphabet says so.
 *
 * @param lengths - 0..15 for each of 256 symbols, a complete code or a single symbol or none
 */
export function writeCodeTable(lengths: Uint8Array): Uint8Array {
  const writer = new BitWriter();
  let previous = FIRST_LENGTH;
  let space = 0;
  for (let symbol = 0; symbol < ALPHABET && space < 2 ** MAX_CODE_BITS; ) {
    const bits = lengths[symbol]!;
    if (bits === 0) {
      const run = absentRun(lengths, symbol);
      writer.write(0b111, 3);
      writer.writeGamma(run);
      symbol += run;
      continue;
    }
    writeLength(writer, bits, previous);
    previous = bits;
    space += 2 ** (MAX_CODE_BITS - bits);
    symbol++;
  }
  return writer.bytes();
}

function absentRun(lengths: Uint8Array, start: number): number {
  let end = start;
  while (end < ALPHABET && lengths[end] === 0) end++;
  return end - start;
}

function writeLength(writer: BitWriter, bits: number, previous: number): void {
  const step = bits - previous;
  if (step === 0) {
    writer.write(0, 1);
  } else if (Math.abs(step) === 1) {
    // Written from the low bit up: 0b01 is the bit 1, then the bit 0.
    writer.write(0b01 | (step < 0 ? 0b100 : 0), 3);
  } else {
    writer.write(0b011, 3);
    writer.write(bits, 4);
  }
}

/** A table read back. */
export interface CodeTable {
  /** 0..15 for each of 256 symbols. */
  readonly lengths: Uint8Array;
  /** Bytes the table took. */
  readonly byteLength: number;
}

/**
 * Reads the table at the start of `bytes`.
 *
 * @throws {FormatError} when it is cut, over- or under-subscribed, or has a code of 0 bits
 */
export function readCodeTable(bytes: Uint8Array): CodeTable {
  const reader = new BitReader(bytes);
  const lengths = new Uint8Array(ALPHABET);
  let previous = FIRST_LENGTH;
  let space = 0;
  for (let symbol = 0; symbol < ALPHABET && space < 2 ** MAX_CODE_BITS; ) {
    const bits = readLength(reader, previous);
    if (bits === undefined) {
      symbol += reader.readGamma(ALPHABET - symbol);
      continue;
    }
    if (bits < 1 || bits > MAX_CODE_BITS) {
      throw new FormatError({
        what: `A Huffman table gives symbol ${symbol} a code of ${bits} bits.`,
        fix: 'The file is damaged: fetch or write it again.',
      });
    }
    lengths[symbol++] = bits;
    previous = bits;
    space += 2 ** (MAX_CODE_BITS - bits);
  }
  checkComplete(lengths);
  return { lengths, byteLength: reader.byteLength };
}

/** The next length; `undefined` where a run of absent symbols begins. */
function readLength(reader: BitReader, previous: number): number | undefined {
  if (reader.read(1) === 0) return previous;
  if (reader.read(1) === 0) return reader.read(1) === 0 ? previous + 1 : previous - 1;
  return reader.read(1) === 0 ? reader.read(4) : undefined;
}
