import type { Heap, KernelName, Kernels } from '@espalier/kernels';
import type { DynamicFunctions, DynamicKernelName } from '@espalier/kernels/dynamic';
import type { WideFunctions, WideKernelName } from '@espalier/kernels/wide';
import { HeldSpace } from '../tape/space.js';
import type { ThreadPool } from '../threads/thread-pool.js';
import { Arena } from './arena.js';

/** A kernel of the binary, or of those beside it for int16 activations and for codes of run-time ranges. */
export type AnyKernelName = KernelName | WideKernelName | DynamicKernelName;

/** Kernel memory of one plan: its weights, and the arena of its runs. */
export class Workspace {
  readonly kernels: Kernels;
  readonly heap: Heap;
  readonly arena: Arena;
  /** For constants in the forms that steps ask for. */
  readonly held: HeldSpace;
  /** Takes parts of instructions; null where one thread does it all. */
  pool: ThreadPool | null = null;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.heap = kernels.heap;
    this.arena = new Arena(kernels.heap);
    this.held = new HeldSpace(this);
  }

  /** Threads that run a plan, the calling one included. */
  get threads(): number {
    return this.pool?.threads ?? 1;
  }

  callNow(kernel: AnyKernelName, args: readonly number[]): void {
    this.bound(kernel, args)();
  }

  /** A kernel with its arguments. */
  bound(kernel: AnyKernelName, args: readonly number[]): () => void {
    // Kernels of other binaries are planned only where they are there: plan/lower.ts.
    const call: (...numbers: number[]) => void = (this.kernels as Kernels & WideFunctions & DynamicFunctions)[
      kernel
    ];
    return call.bind(undefined, ...args);
  }

  /** Whether an array is a view of kernel memory: it changes with the next run, and must be copied to be kept. */
  owns(data: ArrayBufferView): boolean {
    const { buffer } = this.heap.memory;
    // Shared memory that has grown has another buffer, and views of the old one still see it.
    return data.buffer === buffer || (this.kernels.shared && data.buffer.constructor === buffer.constructor);
  }
}
