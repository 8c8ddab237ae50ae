import {
  type Execution,
  type Executor,
  type Feeds,
  type HeldRun,
  InternalError,
  type Model,
  type Node,
  type Observe,
  type OperatorKernel,
  type RunTimes,
  type Tensor,
  UnsupportedError,
} from '@espalier/core';
import { loadOperators } from './operators/lookup.js';
import { operatorTable } from './operators/operator-table.js';
import { evaluateNode } from './plan/evaluate.js';
import { holdRun } from './plan/held-run.js';
import { type Lowered, lower } from './plan/lower.js';
import type { Plan } from './plan/plan.js';
import { profilePlan } from './plan/profile.js';
import { checkFeeds } from './session/feeds.js';

/** Runs models for passes. Each execution has kernel memory of its own. */
export class RuntimeExecutor implements Executor {
  readonly #operatorKernels: readonly OperatorKernel[];

  /** @param options.operatorKernels - compute operators beside ONNX's own */
  constructor(options: { readonly operatorKernels?: readonly OperatorKernel[] } = {}) {
    this.#operatorKernels = options.operatorKernels ?? [];
  }

  async prepare(model: Model): Promise<Execution & Required<Pick<Execution, 'time' | 'hold'>>> {
    // Observed, every node is a step of its own: more of them are computed by plain operators.
    await loadOperators();
    return new PlanExecution(await lower(model, { operatorKernels: this.#operatorKernels }));
  }

  evaluate(node: Node, inputs: readonly (Tensor | null)[]): readonly (Tensor | null)[] | null {
    const entry =
      node.domain === '' && Object.hasOwn(operatorTable, node.op) ? operatorTable[node.op] : undefined;
    return evaluateNode(node, entry, inputs);
  }
}

class PlanExecution implements Execution {
  #lowered: Lowered | null;
  #observed: { readonly plan: Plan; readonly wanted: ReadonlySet<string> | undefined } | null = null;

  constructor(lowered: Lowered) {
    this.#lowered = lowered;
  }

  async run(feeds: Feeds, observe?: Observe, wanted?: ReadonlySet<string>): Promise<Feeds> {
    const { model, plan, planObserved } = this.#ready();
    const checked = checkFeeds(model, feeds);
    if (observe === undefined) return plan.run(checked);
    return this.#observing(planObserved, wanted).run(checked, observe, wanted);
  }

  async hold(feeds: Feeds, wanted: ReadonlySet<string>): Promise<HeldRun | null> {
    const { model, planObserved } = this.#ready();
    try {
      return holdRun(this.#observing(planObserved, wanted), checkFeeds(model, feeds), wanted);
    } catch (error) {
      // Told of a step as one that can't run, and of the arena as what it is.
      if (
        error instanceof RangeError ||
        (error instanceof UnsupportedError && error.cause instanceof RangeError)
      )
        return null;
      throw error;
    }
  }

  async time(feeds: Feeds, runs: number): Promise<RunTimes> {
    const { model, plan } = this.#ready();
    const { ms, nodes } = profilePlan(plan, checkFeeds(model, feeds), runs);
    const steps = new Map<string, number>();
    for (const [index, { outputs }] of plan.steps.entries()) {
      const result = outputs.find((value) => value !== null);
      if (result != null) steps.set(result.name, nodes[index]?.ms ?? 0);
    }
    return { ms, steps };
  }

  dispose(): void {
    this.#lowered = null;
    this.#observed = null;
  }

  /** Fusing hides the values between two nodes: who wants others needs another plan. */
  #observing(planObserved: Lowered['planObserved'], wanted: ReadonlySet<string> | undefined): Plan {
    if (this.#observed === null || this.#observed.wanted !== wanted)
      this.#observed = { plan: planObserved(wanted ?? 'all'), wanted };
    return this.#observed.plan;
  }

  #ready(): Lowered {
    if (this.#lowered !== null) return this.#lowered;
    throw new InternalError({ what: 'An execution ran after it was disposed of.' });
  }
}
