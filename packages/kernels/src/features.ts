import { decodeBinary } from './binary-text.js';
import { relaxedProbeWasm } from './gen/relaxed-probe-wasm.js';

/** What a machine's relaxed dot product takes its second operand's bytes for. */
export type RelaxedDot = 'signed' | 'unsigned';

/** A module of one function type () -> v128: valid only where SIMD is. */
const SIMD_MODULE: Uint8Array<ArrayBuffer> = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b],
);

/** The answers of probeRelaxedDot in assembly/relaxed-probe.ts. 3 would take a machine on which -1 is 255. */
const MEANINGS: readonly (RelaxedDot | null)[] = [null, 'signed', 'unsigned', null];

let probed: RelaxedDot | null | undefined;

/**
 * Refuses a machine without WebAssembly SIMD.
 *
 * @throws {TypeError} that says what would work
 */
export function requireSimd(): void {
  if (typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_MODULE)) return;
  throw new TypeError(
    'WebAssembly SIMD is missing here. It is in Chrome and Edge 91, Firefox 89, Safari 16.4 and Node 16.4, and in all newer ones.',
  );
}

/**
 * What `i32x4.relaxed_dot_i8x16_i7x16_add_s` computes on this machine when the second operand's top bits are set, as
 * tried on every pair of bytes; null where there is no relaxed SIMD, or where it is exact for neither meaning: x64
 * without AVX-VNNI saturates, and Node 20 doubles sums. Tried once a process, in about a millisecond.
 */
export function relaxedDotMeaning(): RelaxedDot | null {
  if (probed === undefined) probed = probe(decodeBinary(relaxedProbeWasm));
  return probed;
}

/** Whether there is relaxed SIMD here, whatever its dot product is good for. */
export function hasRelaxedSimd(): boolean {
  return relaxedDotMeaning() !== null || WebAssembly.validate(decodeBinary(relaxedProbeWasm));
}

/** `relaxedDotMeaning` by a given binary of the probe. */
export function probe(binary: Uint8Array<ArrayBuffer>): RelaxedDot | null {
  if (!WebAssembly.validate(binary)) return null;
  const { probeRelaxedDot } = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports;
  if (typeof probeRelaxedDot !== 'function')
    throw new TypeError('The probe exports no function: build it again.');
  return MEANINGS[probeRelaxedDot()] ?? null;
}
