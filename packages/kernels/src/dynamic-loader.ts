import { decodeBinary } from './binary-text.js';
import type { DynamicFunctions } from './dynamic-functions.js';
import { dynamicTable } from './dynamic-table.js';
import { type Kernels, kernelExports } from './instantiate.js';
import { withSharedMemory } from './shared-import.js';
import type { KernelModule } from './wasm-types.js';

/** The kernels of a binary, and those for codes of run-time ranges over the same memory. */
export interface DynamicKernels extends Kernels, DynamicFunctions {}

/** Each text is a chunk of its own: a page fetches the one it runs. */
const TEXTS: Readonly<Record<'dynamic' | 'dynamicRelaxed', () => Promise<string>>> = {
  dynamic: async () => (await import('./gen/dynamic-wasm.js')).dynamicWasm,
  dynamicRelaxed: async () => (await import('./gen/dynamic-relaxed-wasm.js')).dynamicRelaxedWasm,
};

/** Compiled once a process for each kind of memory. */
const compiled: Map<string, Promise<WebAssembly.Module>> = new Map();

/**
 * Kernels for codes of run-time ranges beside those that are there, over their memory: a binary of their own, which only
 * models with such codes load. It multiplies as the other one does, by its `weightFormat`.
 */
export async function withDynamicKernels(kernels: Kernels): Promise<DynamicKernels> {
  const name = kernels.weightFormat === 'dot16' ? 'dynamic' : 'dynamicRelaxed';
  return joinDynamicKernels(kernels, await compile(name, kernels.shared));
}

/** The same with a module that was compiled elsewhere: how tests load the scalar twins. */
export function joinDynamicKernels(kernels: Kernels, module: KernelModule): DynamicKernels {
  const functions = kernelExports(module, kernels.memory, 'dynamic', Object.entries(dynamicTable));
  // Complete: each function of the table has been found, or it throws.
  return Object.freeze({
    ...kernels,
    ...functions,
    more: [...(kernels.more ?? []), module],
  }) as unknown as DynamicKernels;
}

function compile(name: keyof typeof TEXTS, shared: boolean): Promise<WebAssembly.Module> {
  const key = shared ? `${name}-shared` : name;
  const known = compiled.get(key);
  if (known) return known;
  const module = TEXTS[name]().then((text) => {
    const bytes = decodeBinary(text);
    return WebAssembly.compile(shared ? withSharedMemory(bytes) : bytes);
  });
  compiled.set(key, module);
  module.catch(() => compiled.delete(key));
  return module;
}
