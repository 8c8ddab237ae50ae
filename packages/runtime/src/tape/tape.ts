import type { AnyKernelName, Workspace } from '../memory/workspace.js';
import { type ArenaPlan, planArena } from './arena-plan.js';
import { type Argument, type Block, numberOf } from './block.js';

/** A kernel called with constant arguments, in one or more parts that do not depend on each other. */
export interface KernelInstruction {
  readonly kernel: AnyKernelName;
  readonly parts: readonly (readonly Argument[])[];
  /** Multiply-accumulates of all parts; 0 for what is no product. */
  readonly macs: number;
  readonly host: null;
}

/** Something done in TypeScript between kernels. */
export interface HostInstruction {
  readonly host: () => void;
  readonly macs: 0;
}

export type Instruction = KernelInstruction | HostInstruction;

/** Calls of kernels by name, with addresses that are final: what a thread needs to take part. */
export interface ResolvedInstruction {
  readonly kernel: AnyKernelName;
  readonly parts: readonly (readonly number[])[];
}

/**
 * What a run does, as data: a flat list of kernel calls over one arena. Nothing is allocated while it runs.
 */
export class Tape {
  readonly instructions: readonly Instruction[];
  /** Where the instructions of the inputs, of each step, and of the outputs start. */
  readonly marks: readonly number[];
  readonly arena: ArenaPlan;
  readonly #workspace: Workspace;
  readonly #blocks: readonly Block[];
  /** One an instruction part, or one an instruction that threads share, in order: arguments bound, so that a call passes nothing and boxes no number. */
  #calls: readonly (() => void)[] = [];
  /** Index into `#calls` of each instruction. */
  #starts: readonly number[] = [];
  #arenaVersion = -1;
  /** What the threads know it as; 0 where they do not. */
  #announced = 0;

  constructor(
    workspace: Workspace,
    instructions: readonly Instruction[],
    marks: readonly number[],
    blocks: readonly Block[],
  ) {
    this.#workspace = workspace;
    this.instructions = instructions;
    this.marks = marks;
    this.#blocks = blocks;
    this.arena = planArena(
      // A block that no instruction came after still needs its place for one.
      blocks.map(({ sizeBytes, first, last }) => ({ sizeBytes, first, last: Math.max(last, first + 1) })),
    );
  }

  /** Puts all blocks where they belong. Before this, and after the arena has moved, addresses are not good. */
  settle(): void {
    const { arena } = this.#workspace;
    arena.reserve(this.arena.sizeBytes);
    if (arena.version === this.#arenaVersion) return;
    for (const [index, block] of this.#blocks.entries()) {
      block.address = arena.address + (this.arena.offsets[index] ?? 0);
    }
    this.#bind();
    this.#arenaVersion = arena.version;
  }

  /** Does everything once. `settle` has been called. */
  run(): void {
    if (this.#announced !== 0) this.#workspace.pool?.wake();
    const calls = this.#calls;
    for (let i = 0; i < calls.length; i++) (calls[i] as () => void)(); // i < length
  }

  /** Does the instructions from `start` up to `end`. */
  runPart(start: number, end: number): void {
    const calls = this.#calls;
    const last = this.#starts[end] ?? calls.length;
    for (let i = this.#starts[start] ?? calls.length; i < last; i++) (calls[i] as () => void)(); // i < length
  }

  /** The instructions with the addresses of now; null for those of TypeScript. */
  resolved(): readonly (ResolvedInstruction | null)[] {
    return this.instructions.map((instruction) =>
      instruction.host === null
        ? { kernel: instruction.kernel, parts: instruction.parts.map((args) => args.map(numberOf)) }
        : null,
    );
  }

  /** It is not run any more. */
  release(): void {
    if (this.#announced !== 0) this.#workspace.pool?.forget(this.#announced);
    this.#announced = 0;
  }

  #bind(): void {
    this.release();
    const { pool } = this.#workspace;
    if (pool !== null && this.instructions.some(isParallel)) this.#announced = pool.announce(this.resolved());
    const calls: (() => void)[] = [];
    const starts: number[] = [];
    for (const [index, instruction] of this.instructions.entries()) {
      starts.push(calls.length);
      if (instruction.host !== null) {
        calls.push(instruction.host);
        continue;
      }
      const { kernel, parts } = instruction;
      const bound = parts.map((args) => this.#workspace.bound(kernel, args.map(numberOf)));
      if (pool === null || !isParallel(instruction)) calls.push(...bound);
      else calls.push(pool.run.bind(pool, this.#announced, index, bound));
    }
    this.#calls = calls;
    this.#starts = starts;
  }
}

function isParallel(instruction: Instruction): boolean {
  return instruction.host === null && instruction.parts.length > 1;
}
