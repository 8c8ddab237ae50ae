import type { TypedArray } from './arena.js';

/** The bits of a result; every NaN counts as the same one, since WebAssembly leaves its payload open. */
export function bits(values: TypedArray): Uint8Array {
  const canonical = values.slice();
  if (canonical instanceof Float32Array) {
    for (let i = 0; i < canonical.length; i++) if (Number.isNaN(canonical[i])) canonical[i] = Number.NaN;
  }
  return new Uint8Array(canonical.buffer);
}

/** Whether two results are the same bit for bit. */
export function sameBits(actual: TypedArray, expected: TypedArray): boolean {
  const [one, other] = [bits(actual), bits(expected)];
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
