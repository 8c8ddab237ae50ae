import type { Encoding } from '../encoding/encoding.js';
import { toBytes } from '../tensor/data-type.js';
import { log2 } from './log2.js';

/**
 * Bytes that an ideal coder of single symbols makes of a tree: each leaf of indices, gaps or codes at its zeroth-order
 * entropy, all else as it is. `huffman` comes within a few parts in a hundred; `range-coder`, which knows neighbours and codes
 * floats, below it.
 */
export function codedBytes(encoding: Encoding): number {
  const children = Object.values(encoding.children);
  if (children.length === 0) {
    if (encoding.type !== 'uint8' && encoding.type !== 'int8') return encoding.byteLength;
    return Math.min(encoding.byteLength, Math.ceil(entropyBits(toBytes(encoding.decode().data)) / 8));
  }
  const own = children.reduce((rest, child) => rest - child.byteLength, encoding.byteLength);
  return children.reduce((sum, child) => sum + codedBytes(child), own);
}

/** Bits of all symbols, each at -log2 of its share. */
export function entropyBits(symbols: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (let i = 0; i < symbols.length; i++) counts[symbols[i]!]!++;
  let bits = 0;
  for (const count of counts) if (count > 0) bits += count * (log2(symbols.length) - log2(count));
  return bits;
}
