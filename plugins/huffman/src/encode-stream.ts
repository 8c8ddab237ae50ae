import { canonicalCodes } from './canonical-code.js';
import { codeLengths, countSymbols, MAX_CODE_BITS } from './code-lengths.js';
import { writeCodeTable } from './code-table.js';

/** A plan for a stream: its code and what it will cost, before anything is written. */
export interface StreamPlan {
  /** 0..15 for each of 256 symbols. */
  readonly lengths: Uint8Array;
  /** The serialised code table. */
  readonly table: Uint8Array;
  /** Bytes of table and coded symbols. */
  readonly byteLength: number;
}

/**
 * Chooses the shortest code of at most `maxBits` bits for a stream, and counts its bytes.
 *
 * @param maxBits - 8..15
 */
export function planStream(symbols: Uint8Array, maxBits: number = MAX_CODE_BITS): StreamPlan {
  const counts = countSymbols(symbols);
  const lengths = codeLengths(counts, maxBits);
  const table = writeCodeTable(lengths);
  let bits = 0;
  for (let symbol = 0; symbol < 256; symbol++) bits += counts[symbol]! * lengths[symbol]!;
  return { lengths, table, byteLength: table.length + Math.ceil(bits / 8) };
}

/**
 * The stream's bytes: the code table, then the codes from the low bit of each byte up, the last byte
 * filled with zeros. No count: the reader knows it from the tensor's shape.
 */
export function encodeStream(symbols: Uint8Array, plan: StreamPlan = planStream(symbols)): Uint8Array {
  const bytes = new Uint8Array(plan.byteLength);
  bytes.set(plan.table);
  writeSymbols(symbols, wordsOf(plan.lengths), bytes, plan.table.length);
  return bytes;
}

/** Code word and its length in one number, so that the hot loop loads once a symbol. */
function wordsOf(lengths: Uint8Array): Int32Array {
  const codes = canonicalCodes(lengths);
  return Int32Array.from(codes, (code, symbol) => code | (lengths[symbol]! << 16));
}

function writeSymbols(symbols: Uint8Array, words: Int32Array, out: Uint8Array, start: number): void {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  let position = start;
  // At most 15 bits wait here, and a code has at most 15: the sum fits 32 bits.
  let waiting = 0;
  let width = 0;
  for (let i = 0; i < symbols.length; i++) {
    const word = words[symbols[i]!]!;
    waiting |= (word & 0xffff) << width;
    width += word >> 16;
    if (width >= 16) {
      view.setUint16(position, waiting, true);
      position += 2;
      waiting >>>= 16;
      width -= 16;
    }
  }
  for (; width > 0; width -= 8, waiting >>>= 8) out[position++] = waiting;
}
