import { readCodeTable } from './code-table.js';
import type { HuffmanEncoding } from './huffman-encoding.js';

/**
 * The code that a stream is written in.
 *
 * @returns bits of each of 256 symbols' code, 1 to 15; 0 for symbols that the stream does not have
 * @throws {FormatError} when the stream is damaged
 */
export function codeLengths(encoding: HuffmanEncoding): Uint8Array {
  return readCodeTable(encoding.payload()).lengths;
}
