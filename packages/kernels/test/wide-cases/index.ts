import type { WideKernels } from '../../src/wide-loader.js';
import type { WideKernelName } from '../../src/wide-table.js';
import type { KernelTest } from '../kernel-test.js';
import * as elementwise from './elementwise.js';
import * as products from './products.js';
import * as windows from './windows.js';

/** A test for every row of the table: a kernel without one does not compile. */
export const wideKernelTests: { readonly [Name in WideKernelName]: KernelTest<unknown, WideKernels> } = {
  ...elementwise,
  ...products,
  ...windows,
};
