import { decodeBinary } from './binary-text.js';
import { wideWasm } from './gen/wide-wasm.js';
import { type Kernels, kernelExports } from './instantiate.js';
import { withSharedMemory } from './shared-import.js';
import type { KernelModule } from './wasm-types.js';
import type { WideFunctions } from './wide-functions.js';
import { wideTable } from './wide-table.js';

/** The kernels of a binary, and those for int16 activations over the same memory. */
export interface WideKernels extends Kernels, WideFunctions {}

/** Compiled once a process for each kind of memory. */
const compiled: Map<boolean, Promise<WebAssembly.Module>> = new Map();

/**
 * Kernels for int16 activations beside those that are there, over their memory. They are a binary and a module of their
 * own, which only models with 16-bit codes load; it holds no constants, so nothing in the memory is moved for it.
 */
export async function withWideKernels(kernels: Kernels): Promise<WideKernels> {
  return joinWideKernels(kernels, await compile(kernels.shared));
}

/** The same with a module that was compiled elsewhere: how tests load the scalar twins. */
export function joinWideKernels(kernels: Kernels, module: KernelModule): WideKernels {
  const functions = kernelExports(module, kernels.memory, 'wide', Object.entries(wideTable));
  // Complete: each function of the table has been found, or it throws.
  return Object.freeze({
    ...kernels,
    ...functions,
    more: [...(kernels.more ?? []), module],
  }) as unknown as WideKernels;
}

function compile(shared: boolean): Promise<WebAssembly.Module> {
  const known = compiled.get(shared);
  if (known) return known;
  const bytes = decodeBinary(wideWasm);
  const module = WebAssembly.compile(shared ? withSharedMemory(bytes) : bytes);
  compiled.set(shared, module);
  module.catch(() => compiled.delete(shared));
  return module;
}
