import type { Serialised } from './round-trip.js';

/** One bit flipped, or the end cut off, in the parameters or the payload. */
export function damage(written: Serialised, at: number, bit: number, cut: boolean): Serialised {
  const field = at % 2 === 0 ? 'params' : 'payload';
  const bytes = written[field].slice();
  if (bytes.length === 0) return written;
  const index = (at >> 1) % bytes.length;
  if (cut) return { ...written, [field]: bytes.subarray(0, index) };
  bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
  return { ...written, [field]: bytes };
}
