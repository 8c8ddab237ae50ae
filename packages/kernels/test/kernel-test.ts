import type fc from 'fast-check';
import type { Kernels } from '../src/instantiate.js';
import type { MultiplierKind } from '../src/multipliers.js';
import type { Arena, TypedArray } from './arena.js';

/** How one kernel is tested: random cases, a call, and the same in plain TypeScript. */
export interface KernelTest<Case, K extends Kernels = Kernels> {
  readonly cases: fc.Arbitrary<Case>;
  /** Calls the kernel of the arena's binary; returns a copy of its output. */
  run(arena: Arena<K>, input: Case): TypedArray;
  /** The same result, written independently of assembly/, by binaries of a kind of multipliers. */
  expected(input: Case, multipliers: MultiplierKind): TypedArray;
}
