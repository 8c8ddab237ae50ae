import {
  type Encoding,
  type Executor,
  elementCount,
  type Model,
  ModelError,
  OptionsError,
  OutputProbe,
  type Pass,
  type PassContext,
  type PassResult,
  toFloat32,
  totalBytes,
  tradeoff,
  type Weight,
} from '@espalier/core';
import { candidatesOf, holdsFloats, inSteps, type StepCandidate } from './candidates.js';
import type { BudgetOptions } from './options.js';

export const BUDGET = 'budget';

/**
 * Gives each layer a step: small weights become zero, the rest multiples of it, as near to the weights as their means. Wide
 * steps prune more and need fewer bits. Of all choices for the bytes there are it takes the one whose errors of the outputs,
 * measured one layer at a time, add up to the least (Shoham and Gersho 1988). Nothing is trained.
 */
export class BudgetPass implements Pass<BudgetOptions> {
  readonly name: string = BUDGET;
  readonly effect: Pass['effect'] = 'lossy';
  readonly after: readonly string[] = ['fold-batch-norm', 'fuse', 'prune'];
  readonly before: readonly string[] = ['huffman', 'range-coder'];
  /** They choose the values that weights may have, too. */
  readonly conflictsWith: readonly string[] = ['quantize', 'share-weights'];
  readonly establishes: readonly string[] = ['sparsity', 'codebook'];
  readonly preserves: readonly string[] = ['sparsity', 'codebook', 'quantization', 'folded-norms'];
  readonly #executor: Executor | null;

  /** @param executor - what outputs are measured by; null where there is none */
  constructor(executor: Executor | null) {
    this.#executor = executor;
  }

  async run(model: Model, context: PassContext<BudgetOptions>): Promise<PassResult> {
    const { options, data, log, count, progress } = context;
    const floats = model
      .weights()
      .filter(({ encoding }) => elementCount(encoding.dims) >= options.minElements && holdsFloats(encoding));
    for (const weight of floats) assertFinite(weight);
    // A layer of zeros has no step.
    const weights = floats.filter(({ encoding }) =>
      toFloat32(encoding.decode()).some((value) => value !== 0),
    );
    if (weights.length === 0) return { modified: false };
    const measured = this.#executor !== null && data.calibration !== undefined;
    if (!measured)
      log.warn('budget: without calibration data and a runtime, layers count by the energy of their weights');
    const probe = measured
      ? await OutputProbe.open(this.#executor, model, data.calibration, options.samples)
      : null;
    const candidates: (readonly StepCandidate[])[] = [];
    for (const [i, weight] of weights.entries()) {
      candidates.push(await candidatesOf(model, weight, probe));
      await progress(i + 1, weights.length, weight.name);
    }
    const choice = choose(model, weights, candidates, context);
    for (const [i, weight] of weights.entries()) {
      model.replaceWeight(weight, inSteps(weight, choice[i]!.step));
      count('weights.shared', elementCount(weight.encoding.dims));
    }
    report(model, weights, choice, probe !== null, context);
    return { modified: true };
  }
}

/** @throws {OptionsError} when no choice is as small as that */
function choose(
  model: Model,
  weights: readonly Weight[],
  candidates: readonly (readonly StepCandidate[])[],
  { options, measure }: PassContext<BudgetOptions>,
): readonly StepCandidate[] {
  const sizeBytes = measure(model);
  const limit = options.maxBytes ?? Math.floor(sizeBytes / options.ratio);
  const rest = weights.reduce((left, { encoding }) => left - encoding.byteLength, sizeBytes);
  const choices = tradeoff(candidates);
  const choice = choices.within(limit - rest);
  if (choice !== null) return choice;
  const least = Math.ceil(rest + totalBytes(choices.at(0)));
  throw new OptionsError({
    what: `The file can not be made ${limit} bytes: ${least} are the fewest.`,
    where: options.maxBytes === null ? 'option "ratio"' : 'option "maxBytes"',
    fix: `Allow ${least} bytes or more${rest > limit / 2 ? `; ${Math.ceil(rest)} are no weights that it works on` : ''}.`,
  });
}

function report(
  model: Model,
  weights: readonly Weight[],
  choice: readonly StepCandidate[],
  measured: boolean,
  { table }: PassContext<BudgetOptions>,
): void {
  const now = new Map(model.weights().map(({ name, encoding }) => [name, encoding]));
  table({
    title: 'Density and values of each layer',
    columns: [
      'weight',
      'elements',
      'kept',
      'values',
      'bytes',
      `SQNR of ${measured ? 'outputs' : 'weights'}, it alone`,
    ],
    rows: weights.map(({ name, encoding }, i) => {
      const { bytes, error } = choice[i]!;
      const { kept, values } = contentsOf(now.get(name) ?? encoding);
      const sqnr = error === 0 ? 'exact' : `${(-10 * Math.log10(error)).toFixed(1)} dB`;
      return [
        name,
        elementCount(encoding.dims),
        `${(100 * kept).toFixed(1)} %`,
        values,
        Math.ceil(bytes),
        sqnr,
      ];
    }),
  });
}

/** Share of elements that are not zero, and the number of their values. */
function contentsOf(encoding: Encoding): { readonly kept: number; readonly values: number } {
  const values = toFloat32(encoding.decode());
  const others = values.filter((value) => value !== 0);
  return { kept: others.length / values.length, values: new Set(others).size };
}

/** @throws {ModelError} where a weight is NaN or infinite: no step could hold it */
function assertFinite({ name, node, encoding }: Weight): void {
  const values = toFloat32(encoding.decode());
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return;
  throw new ModelError({
    what: `The weight "${name}" is ${values[index]} at element ${index} (row-major).`,
    where: `node "${node.name}" (${node.op})`,
    fix: 'Train or export the model again; such a weight spreads to every output.',
  });
}
