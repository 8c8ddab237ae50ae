import { inferShapes, type Model } from '@espalier/core';
import { loadKernels } from '@espalier/kernels';
import { Workspace } from '../memory/workspace.js';
import { loadOperators, withOperators } from '../operators/lookup.js';
import { isPlain } from './capabilities.js';
import { foldConstants } from './fold-constants.js';
import { makePlan } from './make-plan.js';
import type { Plan } from './plan.js';

/** A model of our own that is ready to run, and the plan that runs it. */
export interface Lowered {
  readonly model: Model;
  readonly plan: Plan;
  /** A plan in which every value of the model can be seen; weights are packed once more for it. */
  planObserved(): Plan;
}

/**
 * Lowers a copy of a model, with kernel memory of its own.
 *
 * @throws {UnsupportedError} naming the first node that can't run, and why
 * @throws {ShapeError} when shapes contradict each other, naming the node
 */
export async function lower(source: Model): Promise<Lowered> {
  const model = source.clone();
  // What a file declares of a value in between may be wrong without harm: shapes are known when it runs.
  inferShapes(model, { onContradiction() {} });
  // Known from the start: nothing has to be planned twice.
  if (model.graph.nodes.some(isPlain)) await loadOperators();
  return withOperators(async () => {
    const folded = model.clone();
    foldConstants(folded);
    const workspace = new Workspace(await loadKernels());
    const plan = makePlan(folded, workspace, { fuse: true });
    return { model, plan, planObserved: () => makePlan(model, workspace, { fuse: false }) };
  });
}
