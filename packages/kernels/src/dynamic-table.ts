import type { DynamicFunctions } from './dynamic-functions.js';
import type { KernelEntry } from './kernel-table.js';

/** The exported function of a kernel for codes of run-time ranges. */
export type DynamicKernelName = keyof DynamicFunctions;

/** A row for every function, with the right number of arguments. */
export type DynamicTable = {
  readonly [Name in DynamicKernelName]: Omit<
    KernelEntry<Parameters<DynamicFunctions[Name]>['length']>,
    'binaries'
  >;
};

/** The kernels of the binaries `dynamic`, of which one stands beside another binary. */
export const dynamicTable: DynamicTable = {
  dynamicCodes: { name: 'dynamic-codes', arity: 6, summary: 'Float32 to codes of its own range' },
  gemmDynamic: { name: 'gemm-dynamic', arity: 16, summary: 'Matrix product of such codes, to float32' },
  convDynamic: { name: 'conv-dynamic', arity: 13, summary: 'Convolution of such codes, to float32' },
  depthwiseConvDynamic: {
    name: 'depthwise-conv-dynamic',
    arity: 9,
    summary: 'Depthwise convolution of such codes, to float32',
  },
};

/** The names in the order of the table. */
// Object.keys of a record with literal keys: exactly those keys.
export const dynamicKernelNames: readonly DynamicKernelName[] = Object.keys(
  dynamicTable,
) as DynamicKernelName[];
