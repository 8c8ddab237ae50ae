import type { Feeds } from '@espalier/core';
import type { BinaryName } from '@espalier/kernels';
import type { Tape } from '../tape/tape.js';
import type { Implementation } from './job.js';
import type { Plan, Step } from './plan.js';

/** What one node took. */
export interface NodeProfile {
  readonly node: string;
  readonly op: string;
  readonly implementation: Implementation;
  /** The name of the activation that was computed with it. */
  readonly fused: string | null;
  /** The kernels it called, each once; none where it is computed in TypeScript alone. */
  readonly kernels: readonly string[];
  /** Mean of the runs, in milliseconds. */
  readonly ms: number;
  /** Multiply-accumulates of a run; 0 for what is no product. */
  readonly macs: number;
  /** 10^9 multiply-accumulates a second; null for what is no product. */
  readonly gmacPerSecond: number | null;
}

/** Where the time of a run goes. */
export interface Profile {
  /** The kernels that ran: those for this machine, or `fast` where `fastMath` was asked for and is to be had. */
  readonly binary: BinaryName;
  readonly runs: number;
  /** Mean of the runs, in milliseconds: inputs, nodes and outputs. */
  readonly ms: number;
  /** Taking the inputs over, quantizing them where they are quantized. */
  readonly inputMs: number;
  /** Bringing the outputs into the form that is handed out. */
  readonly outputMs: number;
  readonly macs: number;
  /** Memory for all activations of a run, in bytes. */
  readonly arenaBytes: number;
  /** In the order they run. */
  readonly nodes: readonly NodeProfile[];
}

/**
 * Runs a plan step by step with a clock in hand. Means, not medians: the clocks of pages may tick every 0.1 ms
 * only, and a mean over many runs is right even then.
 */
export function profilePlan(plan: Plan, feeds: Feeds, runs: number): Profile {
  const binding = plan.bind(feeds);
  const { tape } = binding;
  const spent = new Float64Array(tape.marks.length);
  for (let run = 0; run < runs; run++) {
    binding.feed(feeds);
    tape.settle();
    for (const [index, start] of tape.marks.entries()) {
      const end = tape.marks[index + 1] ?? tape.instructions.length;
      const before = performance.now();
      tape.runPart(start, end);
      spent[index] = (spent[index] ?? 0) + performance.now() - before;
    }
    binding.clear();
  }
  const mean = (index: number): number => (spent[index] ?? 0) / runs;
  const nodes = plan.steps.map((step, index) => profileNode(step, tape, index + 1, mean(index + 1)));
  return {
    binary: plan.workspace.kernels.binary,
    runs,
    ms: spent.reduce((a, b) => a + b, 0) / runs,
    inputMs: mean(0),
    outputMs: mean(tape.marks.length - 1),
    macs: nodes.reduce((sum, { macs }) => sum + macs, 0),
    arenaBytes: tape.arena.sizeBytes,
    nodes,
  };
}

/** The marks of a tape are the inputs, each step, and the outputs. */
function profileNode(step: Step, tape: Tape, mark: number, ms: number): NodeProfile {
  const own = tape.instructions.slice(tape.marks[mark], tape.marks[mark + 1]);
  const macs = own.reduce((sum, instruction) => sum + instruction.macs, 0);
  const kernels = own.flatMap((instruction) => (instruction.host === null ? [instruction.kernel] : []));
  return {
    node: step.node.name,
    op: step.node.op,
    implementation: step.implementation,
    fused: step.fused?.name ?? null,
    kernels: [...new Set(kernels)],
    ms,
    macs,
    gmacPerSecond: macs > 0 && ms > 0 ? macs / ms / 1e6 : null,
  };
}
