import type { Tensor } from '@espalier/core';
import { GEOMETRY_BYTES, type Geometry, geometryWords, type RowRange } from '@espalier/kernels';
import { Activation } from '../memory/activation.js';
import type { AnyKernelName, Workspace } from '../memory/workspace.js';
import { Address, type Argument, Block, numberOf } from './block.js';
import { rangesOf, type Sharing } from './ranges.js';
import { HeldSpace, type RangeArguments, type Space } from './space.js';
import { type Instruction, Tape } from './tape.js';

/** A call of a kernel as a value. */
export interface KernelCall {
  readonly kernel: AnyKernelName;
  readonly args: readonly Argument[];
  readonly macs?: number;
}

/** Beyond this many calls of one step, they are made in a loop: a tape of a million calls is no plan. */
const mostCalls = 512;

/**
 * Runs a plan for the first time on feeds of some shapes, and writes down what it does.
 *
 * Each call is done at once, on memory that a heap hands out and takes back; when all are known, the blocks
 * find their places in one arena, and the same calls can be made again. So shapes are known when a step is
 * recorded, whatever computes them.
 */
export class Recorder implements Space {
  readonly workspace: Workspace;
  /** For what stays as long as the tape does. */
  readonly held: HeldSpace;
  readonly #instructions: Instruction[] = [];
  readonly #marks: number[] = [];
  readonly #blocks: Block[] = [];
  readonly #live = new Set<Block>();
  /** Activations that TypeScript fills: what they hold is let go of after each run. */
  readonly filled: Activation[] = [];
  #scratch: Block[] = [];

  constructor(workspace: Workspace) {
    this.workspace = workspace;
    this.held = new HeldSpace(workspace);
    // Its contents are of no use any more: the first run may have the room.
    workspace.arena.drop();
  }

  /** What is recorded from here on belongs to the next step. */
  beginStep(): void {
    for (const block of this.#scratch) this.free(block);
    this.#scratch = [];
    this.#marks.push(this.#instructions.length);
  }

  allocate(sizeBytes: number): Block {
    const block = new Block(sizeBytes, this.#instructions.length);
    block.address = this.workspace.heap.malloc(sizeBytes);
    this.#blocks.push(block);
    this.#live.add(block);
    return block;
  }

  free(block: Block): void {
    if (!this.#live.delete(block)) return;
    this.workspace.heap.free(block.address);
    block.last = this.#instructions.length;
  }

  /** Room that is good until the end of the step. */
  scratch(sizeBytes: number): Address {
    const block = this.allocate(sizeBytes);
    this.#scratch.push(block);
    return new Address(block);
  }

  /** The address of a geometry, or of some rows of one. */
  geometry(geometry: Geometry, rows?: RowRange): number {
    const { address } = this.held.allocate(GEOMETRY_BYTES);
    this.workspace.heap.int32(address, GEOMETRY_BYTES / 4).set(geometryWords(geometry, rows));
    return address;
  }

  /** @param macs - multiply-accumulates, for profiles; 0 for what is no product */
  call(kernel: AnyKernelName, args: readonly Argument[], macs = 0): void {
    this.workspace.callNow(kernel, args.map(numberOf));
    this.#instructions.push({ kernel, parts: [args], macs, host: null });
  }

  /**
   * A call that may be split over threads, by rows.
   *
   * @param count - rows to share out
   * @param argsOf - the arguments of a part; called more than once, it takes scratch of its own each time
   */
  split(kernel: AnyKernelName, count: number, macs: number, argsOf: RangeArguments, sharing?: Sharing): void {
    const parts = rangesOf(count, macs, this.workspace.threads, sharing).map(argsOf);
    for (const args of parts) this.workspace.callNow(kernel, args.map(numberOf));
    this.#instructions.push({ kernel, parts, macs, host: null });
  }

  spread(kernel: AnyKernelName, count: number, argsOf: RangeArguments): void {
    // 64: no two threads write to one line of the cache.
    this.split(kernel, count, 0, argsOf, { elements: count, unit: 64 });
  }

  /** The calls of each index from 0 up to `count`, one after the other. */
  sequence(count: number, callsOf: (index: number) => readonly KernelCall[]): void {
    if (count <= mostCalls) {
      for (let i = 0; i < count; i++) {
        for (const { kernel, args, macs } of callsOf(i)) this.call(kernel, args, macs);
      }
      return;
    }
    this.host(() => {
      for (let i = 0; i < count; i++) {
        for (const { kernel, args } of callsOf(i)) this.workspace.callNow(kernel, args.map(numberOf));
      }
    });
  }

  host(action: () => void): void {
    action();
    this.#instructions.push({ host: action, macs: 0 });
  }

  /**
   * Tensors that TypeScript makes.
   *
   * @param inputs - what they are made of: where all are fixed, so are the results, unless they are 'varying'
   * @param make - called in each run; results must be in memory of their own
   */
  tensors(
    inputs: readonly (Activation | null)[] | 'varying',
    make: () => readonly (Tensor | null)[],
  ): readonly (Activation | null)[] {
    const first = make();
    if (inputs !== 'varying' && inputs.every((input) => input === null || input.isFixed)) {
      return first.map((tensor) => tensor && Activation.fixed(this.held, tensor));
    }
    const results = first.map((tensor) => tensor && Activation.of(this, tensor));
    for (const result of results) if (result !== null) this.filled.push(result);
    this.#instructions.push({
      macs: 0,
      host: () => {
        for (const [index, tensor] of make().entries()) if (tensor !== null) results[index]?.hold(tensor);
      },
    });
    return results;
  }

  /** All blocks are free again, but for what is held; what was recorded can be run from now on. */
  finish(): Tape {
    this.#freeAll();
    return new Tape(this.workspace, this.#instructions, this.#marks, this.#blocks);
  }

  /** Gives everything back. */
  abandon(): void {
    this.#freeAll();
    this.held.release();
  }

  #freeAll(): void {
    for (const block of [...this.#live]) this.free(block);
  }
}
