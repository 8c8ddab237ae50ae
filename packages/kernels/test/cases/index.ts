import type { KernelName } from '../../src/kernel-table.js';
import type { KernelTest } from '../kernel-test.js';
import { convF32, convI8 } from './conv.js';
import { gemmF32, gemmI8, packGemmBF32, packGemmBI8 } from './gemm.js';

/** A test for every row of the kernel table. */
export const kernelTests: { readonly [Name in KernelName]: KernelTest<unknown> } = {
  gemmF32,
  gemmI8,
  packGemmBF32,
  packGemmBI8,
  convF32,
  convI8,
};
