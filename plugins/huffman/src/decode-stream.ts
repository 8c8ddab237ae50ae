import { FormatError } from '@espalier/core';
import { MAX_CODE_BITS } from './code-lengths.js';
import { readCodeTable } from './code-table.js';
import { type DecodeTable, decodeTable, LOOKUP_BITS, LOOKUP_SYMBOLS } from './decode-table.js';

/** Bytes of coded symbols handled with positions in 32-bit integers: 2^27 bytes are 2^30 bits. */
const CHUNK_BYTES = 2 ** 27;

/**
 * The symbols of a stream that `encodeStream` wrote.
 *
 * Safe on any bytes: the count is checked against the bytes before memory is taken.
 *
 * @param bytes - table and codes, and nothing after them
 * @param count - number of symbols
 * @throws {FormatError} when the table is no code, the codes end too early or too late, or the last
 *   byte is not filled with zeros
 */
export function decodeStream(bytes: Uint8Array, count: number): Uint8Array {
  const { codes, shortest, lengths } = openStream(bytes);
  if (count * shortest > codes.length * 8) {
    throw damaged(`A Huffman stream of ${codes.length} bytes can't hold ${count} symbols.`);
  }
  const out = new Uint8Array(count);
  if (count > 0) decodeInto(codes, decodeTable(lengths), out);
  else if (codes.length > 0)
    throw damaged(`A Huffman stream of no symbols has ${codes.length} bytes of codes.`);
  return out;
}

/**
 * Checks what can be checked of a stream without decoding its symbols.
 *
 * @throws {FormatError} when the table is no code or the bytes can't hold `count` symbols
 */
export function checkStream(bytes: Uint8Array, count: number): void {
  const { codes, shortest } = openStream(bytes);
  if (count * shortest <= codes.length * 8) return;
  throw damaged(`A Huffman stream of ${codes.length} bytes can't hold ${count} symbols.`);
}

interface OpenStream {
  readonly lengths: Uint8Array;
  readonly codes: Uint8Array;
  /** Bits of the shortest code; Infinity where there is none. */
  readonly shortest: number;
}

function openStream(bytes: Uint8Array): OpenStream {
  const { lengths, byteLength } = readCodeTable(bytes);
  let shortest = Infinity;
  for (const length of lengths) if (length > 0 && length < shortest) shortest = length;
  // 0 * Infinity is NaN, and a stream of no symbols has no codes.
  return { lengths, codes: bytes.subarray(byteLength), shortest: shortest === Infinity ? 2 ** 32 : shortest };
}

function decodeInto(codes: Uint8Array, table: DecodeTable, out: Uint8Array): void {
  let at: Place = { bit: 0, symbol: 0 };
  // The fast loop reads 4 bytes and writes 8 symbols at a time; what is left goes one by one.
  for (let start = 0; start < codes.length; start += CHUNK_BYTES) {
    at = decodeFast(codes, table, out, at, Math.min(start + CHUNK_BYTES, codes.length) - 4);
  }
  at = decodeSlow(codes, table, out, at);
  const end = Math.ceil(at.bit / 8);
  if (end !== codes.length)
    throw damaged(`A Huffman stream has ${codes.length} bytes, its symbols end after ${end}.`);
  if (at.bit % 8 !== 0 && codes[end - 1]! >>> (at.bit % 8) !== 0) {
    throw damaged('A Huffman stream has bits set after its last symbol.');
  }
}

/** How far decoding has come: bits read and symbols written. */
interface Place {
  readonly bit: number;
  readonly symbol: number;
}

/** Decodes while a word of codes starts at or before byte `last` and 16 symbols fit. */
function decodeFast(codes: Uint8Array, table: DecodeTable, out: Uint8Array, at: Place, last: number): Place {
  const { symbols, steps } = table;
  const base = Math.floor(at.bit / 8);
  const source = new DataView(codes.buffer, codes.byteOffset + base, codes.byteLength - base);
  const target = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const mask = (1 << LOOKUP_BITS) - 1;
  const lastBit = (last - base) * 8 + 7;
  const lastSymbol = out.length - 2 * LOOKUP_SYMBOLS;
  let bit = at.bit % 8;
  let symbol = at.symbol;
  while (bit <= lastBit && symbol <= lastSymbol) {
    // 25 bits or more: enough for two look-ups, or for one code longer than a look-up.
    let window = source.getUint32(bit >>> 3, true) >>> (bit & 7);
    let entry = window & mask;
    let step = steps[entry]!;
    if (step === 0) {
      const long = longCode(table, window);
      out[symbol++] = long & 255;
      bit += long >> 8;
      continue;
    }
    target.setInt32(symbol, symbols[2 * entry]!, true);
    target.setInt32(symbol + 4, symbols[2 * entry + 1]!, true);
    symbol += step >> 8;
    bit += step & 255;
    window >>>= step & 255;
    entry = window & mask;
    step = steps[entry]!;
    target.setInt32(symbol, symbols[2 * entry]!, true);
    target.setInt32(symbol + 4, symbols[2 * entry + 1]!, true);
    symbol += step >> 8;
    bit += step & 255;
  }
  return { bit: base * 8 + bit, symbol };
}

/** Decodes symbol by symbol to the end, with zeros read after the last byte. */
function decodeSlow(codes: Uint8Array, table: DecodeTable, out: Uint8Array, at: Place): Place {
  let { bit, symbol } = at;
  const end = codes.length * 8;
  while (symbol < out.length) {
    const byte = Math.floor(bit / 8);
    const word = (codes[byte] ?? 0) | ((codes[byte + 1] ?? 0) << 8) | ((codes[byte + 2] ?? 0) << 16);
    const code = longCode(table, word >>> (bit % 8));
    out[symbol++] = code & 255;
    bit += code >> 8;
    if (bit > end) throw damaged(`A Huffman stream ends after ${symbol - 1} of ${out.length} symbols.`);
  }
  return { bit, symbol };
}

/**
 * The symbol (low 8 bits) and the length of the code at the low end of `window`, bit by bit.
 *
 * @see RFC 1951, section 3.2.2: codes of one length are consecutive numbers
 */
function longCode({ counts, sorted }: DecodeTable, window: number): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
    code = (code << 1) | ((window >>> (bits - 1)) & 1);
    const count = counts[bits]!;
    if (code - first < count) return sorted[index + code - first]! | (bits << 8);
    index += count;
    first = (first + count) << 1;
  }
  // Only the code of a single symbol leaves bit strings without meaning.
  throw damaged('A Huffman stream holds a code that its table does not have.');
}

function damaged(what: string): FormatError {
  return new FormatError({ what, fix: 'The file is damaged: fetch or write it again.' });
}
