import type { RelaxedDot } from './features.js';
import { Heap } from './heap.js';
import type { KernelFunctions } from './kernel-functions.js';
import { type BinaryName, kernelNames, kernelTable } from './kernel-table.js';
import { isShared, newMemory } from './memory.js';
import type { MultiplierKind } from './multipliers.js';
import type { KernelMemory, KernelModule } from './wasm-types.js';
import type { WeightFormat } from './weight-format.js';

/** The kernels of one binary over one memory, and the heap that shares that memory out. */
export interface Kernels extends KernelFunctions {
  readonly binary: BinaryName;
  /** Whether the memory is shared: other threads may instantiate `module` over it. */
  readonly shared: boolean;
  /** What the relaxed dot product takes its second operand for; null where the binary does not use it. */
  readonly relaxedDot: RelaxedDot | null;
  /** What turns int32 sums into int8: the kind of multipliers that packed weights must hold. */
  readonly multipliers: MultiplierKind;
  /** What the packers of int8 weights have to be told. */
  readonly weightFormat: WeightFormat;
  readonly module: KernelModule;
  /** Other modules whose functions are among these: threads instantiate them too. */
  readonly more?: readonly KernelModule[];
  readonly memory: KernelMemory;
  readonly heap: Heap;
}

/** A compiled binary, and what it is. */
export interface CompiledKernels {
  readonly binary: BinaryName;
  readonly module: KernelModule;
  /** What the module was compiled for. Absent: float32. */
  readonly multipliers?: MultiplierKind | undefined;
  /** Must have a maximum, and be shared exactly where the module says so. Absent: a new one, not shared. */
  readonly memory?: KernelMemory | undefined;
  /** Absent: null. */
  readonly relaxedDot?: RelaxedDot | null | undefined;
}

/**
 * Kernels of a binary that was compiled elsewhere: how tests load the scalar twins.
 *
 * @param more - functions that the binary has beside those of the table
 * @throws {TypeError} when the binary lacks a kernel of the table, has one with other arguments, or can't take the memory
 */
export function instantiateKernels(
  compiled: CompiledKernels,
  more: Readonly<Record<string, { readonly arity: number }>> = {},
): Kernels {
  const { binary, module, memory = newMemory(), relaxedDot = null, multipliers = 'float32' } = compiled;
  const { exports } = instantiate(module, memory);
  const kernels: Record<string, unknown> = {
    binary,
    shared: isShared(memory),
    relaxedDot,
    multipliers,
    weightFormat: (relaxedDot === null ? 'dot16' : `dot8-${relaxedDot}`) satisfies WeightFormat,
    module,
    memory,
    heap: new Heap(memory, heapBase(exports)),
  };
  const own = kernelNames.filter((name) => {
    const entry = kernelTable[name];
    return entry.binaries.includes(binary) && (entry.multipliers ?? multipliers) === multipliers;
  });
  const arities = [...own.map((name) => [name, kernelTable[name]] as const), ...Object.entries(more)];
  Object.assign(kernels, pick(exports, binary, arities));
  // Complete, but for what the table says no binary of this kind has.
  return Object.freeze(kernels) as unknown as Kernels;
}

/**
 * Functions of a module over the memory of others.
 *
 * @throws {TypeError} when the module lacks one, or has one with other arguments
 */
export function kernelExports(
  module: KernelModule,
  memory: KernelMemory,
  binary: string,
  table: readonly Arity[],
): Readonly<Record<string, unknown>> {
  return pick(instantiate(module, memory).exports, binary, table);
}

type Arity = readonly [name: string, entry: { readonly arity: number }];

function pick(
  exports: WebAssembly.Exports,
  binary: string,
  table: readonly Arity[],
): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [name, { arity }] of table) {
    const kernel = exports[name];
    if (typeof kernel !== 'function' || kernel.length !== arity) {
      throw new TypeError(`Binary "${binary}" has no kernel ${name} of ${arity} arguments: build it again.`);
    }
    found[name] = kernel;
  }
  return found;
}

function instantiate(module: KernelModule, memory: KernelMemory): WebAssembly.Instance {
  try {
    // What it is in truth; instances of other classes are refused right here.
    return new WebAssembly.Instance(module as WebAssembly.Module, {
      env: { memory: memory as WebAssembly.Memory, abort },
    });
  } catch (cause) {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    throw new TypeError(
      'The kernels can not use this memory: it needs a maximum (at most 65536 pages), and must be shared if and only if they are.',
      { cause },
    );
  }
}

function heapBase(exports: WebAssembly.Exports): number {
  const base = exports['heapBase'];
  if (typeof base !== 'function')
    throw new TypeError('The kernel binary does not export heapBase: build it again.');
  return base();
}

/** Assertions of the scalar binary end here; the others have none. */
function abort(_message: number, _file: number, line: number, column: number): never {
  throw new Error(
    `A kernel was called with arguments it refuses (assertion at line ${line}, column ${column}).`,
  );
}
