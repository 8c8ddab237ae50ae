import type { KernelFunctions } from './kernel-functions.js';

/** The binaries built from assembly/. `scalar` is made for tests only and is not shipped. */
export type BinaryName = 'simd' | 'scalar';

/** The exported function of a kernel. */
export type KernelName = keyof KernelFunctions;

/** One row of the kernel table. */
export interface KernelEntry<Arity extends number = number> {
  /** Operation and type; also its folder in assembly/ where it has one of its own. */
  readonly name: string;
  /** Number of arguments: the loader compares it with the binary. */
  readonly arity: Arity;
  readonly binaries: readonly BinaryName[];
  readonly summary: string;
}

/** A row for every function, with the right number of arguments. */
export type KernelTable = {
  readonly [Name in KernelName]: KernelEntry<Parameters<KernelFunctions[Name]>['length']>;
};

const BOTH: readonly BinaryName[] = ['simd', 'scalar'];

/** Every kernel there is. Loader, tests and benchmarks walk this table. */
export const kernelTable: KernelTable = {
  gemmF32: { name: 'gemm-f32', arity: 10, binaries: BOTH, summary: 'Matrix product, bias and clamp' },
  gemmI8: { name: 'gemm-i8', arity: 14, binaries: BOTH, summary: 'Matrix product, requantized' },
  packGemmBF32: { name: 'pack-gemm-f32', arity: 7, binaries: BOTH, summary: 'Packs a run-time matrix' },
  packGemmBI8: { name: 'pack-gemm-i8', arity: 9, binaries: BOTH, summary: 'Packs a run-time matrix' },
  convF32: { name: 'conv-f32', arity: 8, binaries: BOTH, summary: '2-D convolution, bias and clamp' },
  convI8: { name: 'conv-i8', arity: 10, binaries: BOTH, summary: '2-D convolution, requantized' },
};

/** The names in the order of the table. */
// Object.keys of a record with literal keys: exactly those keys.
export const kernelNames: readonly KernelName[] = Object.keys(kernelTable) as KernelName[];
