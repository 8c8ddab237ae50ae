import { inferShapes, type Model, type OperatorKernel, OptionsError, UnsupportedError } from '@espalier/core';
import { type Kernels, type LoadOptions, loadKernels } from '@espalier/kernels';
import { isDynamic } from '../dynamic/is-dynamic.js';
import { Workspace } from '../memory/workspace.js';
import { loadOperators, withOperators } from '../operators/lookup.js';
import { isWorthSimplifying } from '../simplify/worth-simplifying.js';
import { startThreads } from '../threads/start-threads.js';
import { hasWideValues } from '../wide/is-wide.js';
import { capabilitiesFor, isPlain } from './capabilities.js';
import { foldConstants } from './fold-constants.js';
import { makePlan, type Seen } from './make-plan.js';
import type { Plan } from './plan.js';
import { type RuleForm, ruleForm } from './rule-form.js';

/** A model of our own that is ready to run, and the plan that runs it. */
export interface Lowered {
  readonly model: Model;
  readonly plan: Plan;
  /**
   * A plan in which values of the model can be seen, all or those of the given names; weights are packed
   * once more for it.
   */
  planObserved(seen: Seen): Plan;
  /** Ends the threads. The plans can't run any more. */
  release(): void;
}

/** With what a model is run. */
export interface LowerOptions {
  /** The calling one included. Default 1. */
  readonly threads?: number;
  /** With memory that nobody else uses, shared where there are several threads. Absent: the fastest. */
  readonly kernels?: Kernels | undefined;
  /** Float32 products may round as the machine likes. */
  readonly fastMath?: boolean;
  /** Compute operators beside ONNX's own. */
  readonly operatorKernels?: readonly OperatorKernel[];
}

/**
 * Lowers a copy of a model, with kernel memory of its own.
 *
 * @throws {OptionsError} when the kernels follow another rule than the model
 * @throws {UnsupportedError} naming the first node that can't run, and why
 * @throws {ShapeError} when shapes contradict each other, naming the node
 * @throws {ThreadError} when a thread can't be started
 */
export async function lower(source: Model, options: LowerOptions = {}): Promise<Lowered> {
  const { threads = 1, fastMath = false, operatorKernels = [] } = options;
  const model = source.clone();
  // What a file declares of a value in between may be wrong without harm: shapes are known when it runs.
  inferShapes(model, { onContradiction() {}, operatorKernels });
  // Known from the start: nothing has to be planned twice.
  const { nodes } = model.graph;
  const [capabilitiesOf] = await Promise.all([
    capabilitiesFor(nodes, operatorKernels),
    nodes.some(isPlain) ? loadOperators() : null,
  ]);
  const narrow = await ruleForm(model.requantization, capabilitiesOf);
  const wide = hasWideValues(model) ? await import('../wide/form.js') : null;
  const form = wide === null ? narrow : wide.wideForm(narrow, capabilitiesOf);
  return withOperators(async () => {
    const folded = model.clone();
    foldConstants(folded);
    await simplified(folded);
    const dynamic = isDynamic(folded.graph) ? await import('../dynamic/form.js') : null;
    dynamic?.fuseRanges(folded.graph);
    const wanted = { shared: threads > 1, multipliers: form.multipliers, fastMath };
    const kernels = given(options.kernels, form) ?? (await kernelsFor(wanted));
    const wider = (await wide?.withWideKernels(kernels)) ?? kernels;
    const workspace = new Workspace((await dynamic?.withDynamicKernels(wider)) ?? wider);
    const full = dynamic?.dynamicForm(form) ?? form;
    const plan = makePlan(folded, workspace, { seen: 'none', form: full });
    // Last: what is refused above has started nothing.
    if (threads > 1) workspace.pool = await startThreads(workspace.kernels, threads);
    return {
      model,
      plan,
      planObserved: (seen) => makePlan(dynamic?.observable(model) ?? model, workspace, { seen, form: full }),
      release: () => workspace.pool?.release(),
    };
  });
}

function given(kernels: Kernels | undefined, { multipliers }: RuleForm): Kernels | undefined {
  if (kernels === undefined || kernels.multipliers === multipliers) return kernels;
  throw new OptionsError({
    what: `The kernels have multipliers of the kind "${kernels.multipliers}": they would misread the model's weights.`,
    where: 'option "kernels"',
    fix: `Load them with { multipliers: '${multipliers}' }: the model's requantization rule takes those.`,
  });
}

/** A page that runs a compressed model loads nothing of this. */
async function simplified({ graph }: Model): Promise<void> {
  if (!isWorthSimplifying(graph)) return;
  const { simplify } = await import('../simplify/simplify.js');
  simplify(graph);
}

async function kernelsFor(options: LoadOptions): Promise<Kernels> {
  try {
    return await loadKernels(options);
  } catch (cause) {
    // What else it throws is a fault of ours: no memory and no binary is handed in.
    if (!(cause instanceof TypeError)) throw cause;
    throw new UnsupportedError({
      what: cause.message,
      where: 'the JavaScript engine that this runs in',
      fix: 'Run the model in a newer browser or Node.',
      cause,
    });
  }
}
