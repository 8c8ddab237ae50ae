import { deflateSync, Inflate } from 'fflate';
import { dictionary } from './dictionary.js';

/** Input a call: what a hostile stream can make of it before its length is looked at is bounded. */
const CHUNK_BYTES = 4096;

/** `raw` deflated over the dictionary. In JavaScript, so that every machine makes the same bytes. */
export function deflate(raw: Uint8Array): Uint8Array {
  // mem is given because its default comes from Math.log, whose last bit is up to the engine.
  return deflateSync(raw, { level: 9, mem: 8, dictionary: dictionary() });
}

/**
 * Inflates to exactly `length` bytes, or gives null where the stream holds more, less or nonsense.
 *
 * @param length - checked by the caller: so many bytes are allocated
 */
export function inflate(stored: Uint8Array, length: number): Uint8Array | null {
  const raw = new Uint8Array(length);
  let filled = 0;
  let overflow = false;
  const stream = new Inflate({ dictionary: dictionary() }, (chunk) => {
    overflow ||= filled + chunk.length > length;
    if (!overflow) raw.set(chunk, filled);
    filled += chunk.length;
  });
  try {
    for (let at = 0; at < stored.length && !overflow; at += CHUNK_BYTES) {
      const end = at + CHUNK_BYTES;
      stream.push(stored.subarray(at, end), end >= stored.length);
    }
  } catch {
    return null; // fflate's errors say nothing a reader of ours could use
  }
  return filled === length ? raw : null;
}
