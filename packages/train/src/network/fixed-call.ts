import type { KernelName } from '@espalier/kernels';
import type { TrainKernelName } from '@espalier/kernels/train';

/** A call over addresses that do not change. */
export interface FixedCall {
  readonly kernel: KernelName | TrainKernelName;
  readonly args: readonly number[];
}
