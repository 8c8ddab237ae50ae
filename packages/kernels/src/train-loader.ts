import { decodeBinary } from './binary-text.js';
import { requireSimd } from './features.js';
import { instantiateKernels, type Kernels } from './instantiate.js';
import { isShared, type MemoryOptions, newMemory } from './memory.js';
import { withSharedMemory } from './shared-import.js';
import type { TrainFunctions } from './train-functions.js';
import { trainTable } from './train-table.js';
import type { KernelMemory, KernelModule } from './wasm-types.js';

/** The kernels that run networks, and those that train them, over one memory. */
export interface TrainKernels extends Kernels, TrainFunctions {}

/** Compiled once a process for each kind of memory. */
const compiled: Map<boolean, Promise<WebAssembly.Module>> = new Map();

/**
 * The kernels that train, over a new memory. They are a binary and a chunk of their own: a page that only runs models does
 * not load them. All results are the same on every machine, bit for bit.
 *
 * @throws {TypeError} where WebAssembly SIMD is missing
 * @throws {RangeError} when the engine gives no memory
 */
export async function loadTrainKernels(options: MemoryOptions = {}): Promise<TrainKernels> {
  requireSimd();
  const memory = newMemory(options);
  return instantiateTrainKernels(await compile(isShared(memory)), memory);
}

/** Kernels of a module that was compiled elsewhere: how tests load the scalar twins. */
export function instantiateTrainKernels(module: KernelModule, memory: KernelMemory): TrainKernels {
  // Complete: each function of the table has been found, or it throws.
  return instantiateKernels({ binary: 'simd', module, memory }, trainTable) as TrainKernels;
}

function compile(shared: boolean): Promise<WebAssembly.Module> {
  const known = compiled.get(shared);
  if (known) return known;
  const module = compileText(shared);
  compiled.set(shared, module);
  module.catch(() => compiled.delete(shared));
  return module;
}

async function compileText(shared: boolean): Promise<WebAssembly.Module> {
  const { trainWasm } = await import('./gen/train-wasm.js');
  const bytes = decodeBinary(trainWasm);
  return WebAssembly.compile(shared ? withSharedMemory(bytes) : bytes);
}
