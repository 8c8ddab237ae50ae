import type { KernelName } from '../../src/kernel-table.js';
import type { KernelTest } from '../kernel-test.js';
import * as conv from './conv.js';
import * as convF32 from './conv-f32.js';
import * as convTranspose from './conv-transpose-f32.js';
import * as depthwise from './depthwise.js';
import * as depthwiseF32 from './depthwise-f32.js';
import * as elementwise from './elementwise.js';
import * as fixedPoint from './fixed-point.js';
import * as gathering from './gathering.js';
import * as gemm from './gemm.js';
import * as gemmF32 from './gemm-f32.js';
import * as layout from './layout.js';
import * as permute from './permute.js';
import * as pool from './pool.js';
import * as recurrent from './recurrent-f32.js';
import * as resample from './resample-f32.js';
import * as rows from './rows-f32.js';
import * as sparse from './sparse.js';
import * as sparseConv from './sparse-conv.js';
import * as unary from './unary-f32.js';

/** A test for every row of the kernel table: a kernel without one does not compile. */
export const kernelTests: { readonly [Name in KernelName]: KernelTest<unknown> } = {
  ...gemm,
  ...gemmF32,
  ...conv,
  ...convF32,
  ...convTranspose,
  ...depthwise,
  ...depthwiseF32,
  ...pool,
  ...sparse,
  ...sparseConv,
  ...elementwise,
  ...layout,
  ...permute,
  ...recurrent,
  ...resample,
  ...rows,
  ...fixedPoint,
  ...gathering,
  ...unary,
};
