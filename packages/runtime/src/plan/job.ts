import type { Node, Tensor, Value } from '@espalier/core';
import type { Activation } from '../memory/activation.js';
import type { Workspace } from '../memory/workspace.js';
import type { Recorder } from '../tape/recorder.js';
import type { Clamp } from './clamp.js';
import type { RuleForm } from './rule-form.js';

/** What computes a step: integer kernels over codes of 8 or 16 bits, float32 kernels, or plain TypeScript. */
export type Implementation = 'int8' | 'int16' | 'float32' | 'typescript';

/**
 * Computes the outputs of one node from its inputs, whose shapes are known here, and records how. Inputs stay
 * the caller's.
 */
export type Compute = (
  inputs: readonly (Activation | null)[],
  recorder: Recorder,
) => readonly (Activation | null)[];

/** Everything a planner may know when it decides how a node is computed. */
export interface Job {
  readonly node: Node;
  /** Those of the node, or of the activation that is fused into it. */
  readonly outputs: readonly (Value | null)[];
  /** The fused activation; `noClamp` where there is none. */
  readonly clamp: Clamp;
  readonly workspace: Workspace;
  /** How the model's rule computes int8. */
  readonly form: RuleForm;
  /** The tensor of a constant; null for every other value. Decoded once a plan. */
  constant(value: Value | null | undefined): Tensor | null;
}

/** Why a planner does not take a job: half a sentence that goes into an error. */
export interface Refusal {
  readonly reason: string;
}

/** A node that is ready to be computed. */
export interface Planned {
  readonly compute: Compute;
  /** Inputs whose constants have been packed: they are not held as tensors beside that. */
  readonly packed?: readonly number[];
  /** Whether it leaves out the weights that are zero. */
  readonly isSparse?: boolean;
}

export type Planner = (job: Job) => Planned | Refusal;

/** One way to compute an operator. */
export interface Capability {
  readonly implementation: Implementation;
  readonly plan: Planner;
  /** Whether it can apply `job.clamp`. */
  readonly clamps?: boolean;
}

/** The ways to compute a node, best first. */
export type CapabilitiesOf = (node: Node) => readonly Capability[];

export function can(implementation: Implementation, plan: Planner): Capability {
  return { implementation, plan };
}

/** For kernels that limit their results: a Relu or Clip behind them costs nothing. */
export function canClamp(implementation: Implementation, plan: Planner): Capability {
  return { implementation, plan, clamps: true };
}

export function refuse(reason: string): Refusal {
  return { reason };
}

export function isRefusal(plan: Planned | Refusal): plan is Refusal {
  return 'reason' in plan;
}
