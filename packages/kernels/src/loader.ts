import { decodeBinary } from './binary-text.js';
import { simdWasm } from './gen/simd-wasm.js';
import { Heap } from './heap.js';
import type { KernelFunctions } from './kernel-functions.js';
import { type BinaryName, kernelNames, kernelTable } from './kernel-table.js';

/** The kernels of one binary over one memory, and the heap that shares that memory out. */
export interface Kernels extends KernelFunctions {
  readonly binary: BinaryName;
  readonly memory: WebAssembly.Memory;
  readonly heap: Heap;
}

let compiled: Promise<WebAssembly.Module> | undefined;
let compiledSync: WebAssembly.Module | undefined;

/**
 * Kernels over `memory`, or over a new memory that grows as needed. The binary is compiled once a process.
 * One memory takes one instance: two would hand out the same bytes.
 *
 * @throws {WebAssembly.CompileError} where WebAssembly SIMD is missing (Node before 16.4, Safari before 16.4)
 */
export async function loadKernels(memory?: WebAssembly.Memory): Promise<Kernels> {
  compiled ??= WebAssembly.compile(decodeBinary(simdWasm));
  return instantiateKernels('simd', await compiled, memory);
}

/**
 * `loadKernels` without waiting, for Node and workers. Browsers may refuse to compile on the main thread.
 *
 * @throws {WebAssembly.CompileError} where WebAssembly SIMD is missing
 */
export function loadKernelsSync(memory?: WebAssembly.Memory): Kernels {
  compiledSync ??= new WebAssembly.Module(decodeBinary(simdWasm));
  return instantiateKernels('simd', compiledSync, memory);
}

/**
 * Kernels of a binary that was compiled elsewhere: how tests load the scalar twins.
 *
 * @throws {TypeError} when the binary lacks a kernel of the table or has one with other arguments
 */
export function instantiateKernels(
  binary: BinaryName,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 16 }),
): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  const kernels: Record<string, unknown> = { binary, memory, heap: new Heap(memory, heapBase(exports)) };
  for (const name of kernelNames) {
    const entry = kernelTable[name];
    if (!entry.binaries.includes(binary)) continue;
    const found = exports[name];
    if (typeof found !== 'function' || found.length !== entry.arity) {
      throw new TypeError(
        `Binary "${binary}" has no kernel ${name} of ${entry.arity} arguments: build it again.`,
      );
    }
    kernels[name] = found;
  }
  // Complete: the loop above has put in each function of the table.
  return Object.freeze(kernels) as unknown as Kernels;
}

function heapBase(exports: WebAssembly.Exports): number {
  const base = exports['heapBase'];
  if (typeof base !== 'function')
    throw new TypeError('The kernel binary does not export heapBase: build it again.');
  return base();
}

/** Assertions of the scalar binary end here; the SIMD binary has none. */
function abort(_message: number, _file: number, line: number, column: number): never {
  throw new Error(
    `A kernel was called with arguments it refuses (assertion at line ${line}, column ${column}).`,
  );
}
