import { inject } from 'vitest';
import type { Kernels } from '../src/instantiate.js';
import { type TestBinary, testKernels } from './variants.js';

/** Kernels of a binary compiled from assembly/ for this run, over a memory of their own. */
export function freshKernels(binary: TestBinary): Kernels {
  return testKernels(inject('binaries'), { binary, shared: false });
}
