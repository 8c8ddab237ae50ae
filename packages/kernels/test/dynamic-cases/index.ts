import type { DynamicKernels } from '../../src/dynamic-loader.js';
import type { DynamicKernelName } from '../../src/dynamic-table.js';
import type { KernelTest } from '../kernel-test.js';
import * as codes from './codes.js';
import * as products from './products.js';

/** A test for every row of the table: a kernel without one does not compile. */
export const dynamicKernelTests: {
  readonly [Name in DynamicKernelName]: KernelTest<unknown, DynamicKernels>;
} = { ...codes, ...products };
