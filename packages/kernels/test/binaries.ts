import { inject } from 'vitest';
import type { BinaryName } from '../src/kernel-table.js';
import { instantiateKernels, type Kernels } from '../src/loader.js';

/** The bytes of a binary compiled from assembly/ for this run. */
export function freshBinary(name: BinaryName): Uint8Array<ArrayBuffer> {
  const base64 = inject(name === 'simd' ? 'simdWasm' : 'scalarWasm');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Kernels of a fresh binary over a memory of their own. */
export function freshKernels(name: BinaryName): Kernels {
  return instantiateKernels(name, new WebAssembly.Module(freshBinary(name)));
}
