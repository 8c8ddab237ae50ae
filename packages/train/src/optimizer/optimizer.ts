import type { TrainKernelName } from '@espalier/kernels/train';

/** Addresses that an update works on. */
export interface UpdateTarget {
  readonly size: number;
  readonly values: number;
  readonly gradient: number;
  /** Words; 0 for none. */
  readonly mask: number;
  /** As many as the optimizer has slots, of the size of the values. */
  readonly slots: readonly number[];
  /** Of what `words` gives. */
  readonly words: number;
  readonly l1: number;
  readonly l2: number;
}

/** How weights follow their gradients. */
export interface Optimizer {
  readonly name: string;
  /** The learning rate that schedules multiply. */
  readonly learningRate: number;
  /** Arrays it keeps beside each weight. They start at zero. */
  readonly slots: number;
  /** Up to four float32 that change from step to step; steps count from 1. */
  words(step: number, learningRate: number): readonly number[];
  call(target: UpdateTarget): { readonly kernel: TrainKernelName; readonly args: readonly number[] };
}
