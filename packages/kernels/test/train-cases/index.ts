import type { TrainKernels } from '../../src/train-loader.js';
import type { TrainKernelName } from '../../src/train-table.js';
import type { KernelTest } from '../kernel-test.js';
import * as elementwise from './elementwise.js';
import * as fakeQuantize from './fake-quantize.js';
import * as fakeRequantize from './fake-requantize.js';
import * as loss from './loss.js';
import * as update from './update.js';
import * as windows from './windows.js';
import * as winograd from './winograd.js';

/** A test for every row of the table: a kernel without one does not compile. */
export const trainKernelTests: { readonly [Name in TrainKernelName]: KernelTest<unknown, TrainKernels> } = {
  ...elementwise,
  ...fakeQuantize,
  ...fakeRequantize,
  ...loss,
  ...update,
  ...windows,
  ...winograd,
};
