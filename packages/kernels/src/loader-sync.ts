import { decodeBinary } from './binary-text.js';
import { requireSimd } from './features.js';
import { simdWasm } from './gen/simd-wasm.js';
import { instantiateKernels, type Kernels } from './instantiate.js';
import type { KernelMemory } from './wasm-types.js';

let compiled: WebAssembly.Module | undefined;

/**
 * The SIMD kernels without waiting, for Node and workers: browsers may refuse to compile on the main thread. The text
 * is a static import: what does not call this is bundled without it.
 *
 * @param memory - with a maximum, not shared; absent: a new one
 * @throws {TypeError} where WebAssembly SIMD is missing, and when the memory has no maximum
 */
export function loadKernelsSync(memory?: KernelMemory): Kernels {
  requireSimd();
  compiled ??= new WebAssembly.Module(decodeBinary(simdWasm));
  return instantiateKernels({ binary: 'simd', module: compiled, memory });
}
