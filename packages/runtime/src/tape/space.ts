import type { RowRange } from '@espalier/kernels';
import type { AnyKernelName, Workspace } from '../memory/workspace.js';
import { type Argument, Block, numberOf } from './block.js';

/** Arguments of a kernel that computes the rows, or elements, of a range. */
export type RangeArguments = (range: RowRange) => readonly Argument[];

/** Where activations get their memory, and what is done with it. */
export interface Space {
  readonly workspace: Workspace;
  /** Room whose contents are whatever was there. */
  allocate(sizeBytes: number): Block;
  free(block: Block): void;
  /** Calls a kernel: now, and in each run if runs are being recorded. */
  call(kernel: AnyKernelName, args: readonly Argument[]): void;
  /** The same of a kernel that does `count` elements one by one, which threads may share. */
  spread(kernel: AnyKernelName, count: number, argsOf: RangeArguments): void;
  /** Does something that is no kernel: now, and in each run if runs are being recorded. */
  host(action: () => void): void;
}

/** Memory for what stays from run to run: what is done here is done once. */
export class HeldSpace implements Space {
  readonly workspace: Workspace;
  readonly #blocks = new Set<Block>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  allocate(sizeBytes: number): Block {
    const block = new Block(sizeBytes, 0);
    block.address = this.workspace.heap.malloc(sizeBytes);
    this.#blocks.add(block);
    return block;
  }

  /** Places the bytes of `data`; returns their address. */
  place(data: ArrayBufferView): number {
    const block = this.allocate(data.byteLength);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.workspace.heap.uint8(block.address, data.byteLength).set(bytes);
    return block.address;
  }

  free(block: Block): void {
    if (this.#blocks.delete(block)) this.workspace.heap.free(block.address);
  }

  call(kernel: AnyKernelName, args: readonly Argument[]): void {
    this.workspace.callNow(kernel, args.map(numberOf));
  }

  spread(kernel: AnyKernelName, count: number, argsOf: RangeArguments): void {
    this.call(kernel, argsOf({ first: 0, end: count }));
  }

  host(action: () => void): void {
    action();
  }

  /** Gives everything back. */
  release(): void {
    for (const block of this.#blocks) this.workspace.heap.free(block.address);
    this.#blocks.clear();
  }
}
