import {
  type Executor,
  elementCount,
  type Model,
  OptionsError,
  OutputProbe,
  type PassContext,
  type Tradeoff,
  totalBytes,
  tradeoff,
  UnsupportedError,
  type Weight,
} from '@espalier/core';
import type { BudgetOptions } from './budget-options.js';
import {
  type BitsCandidate,
  candidatesOf,
  type Layer,
  relativeErrors,
  withBits,
  withOutputErrors,
} from './candidates.js';
import type { ShareWeightsOptions } from './options.js';

/** Samples that the outputs of changed layers are compared on: 80 runs over them for ResNet-20. */
const ERROR_SAMPLES = 64;

/**
 * Chooses the bits of each layer under a budget: of all choices for the same bytes the one whose errors, each by what it does to
 * the outputs, add up to the least.
 *
 * What a squared error of a layer's weights does to the outputs is measured on the calibration data, one layer at a time; without
 * data it is told by the layer's energy. That errors of layers add up, and grow with the square of those of the weights, holds
 * while they are small.
 *
 * @param weights - those that may be shared
 * @returns bits by name of the weight
 * @throws {OptionsError} when there is no limit, or no choice is as small as that
 */
export async function chooseBits(
  model: Model,
  weights: readonly Weight[],
  budget: BudgetOptions,
  executor: Executor | null,
  context: PassContext<ShareWeightsOptions>,
): Promise<ReadonlyMap<string, number>> {
  const { maxBytes, maxAccuracyDrop } = budget;
  assertLimited(budget);
  const probe = await openProbe(model, ERROR_SAMPLES, budget, executor, context);
  const layers: Layer[] = [];
  for (const [i, weight] of weights.entries()) {
    await context.progress(i, 2 * weights.length, weight.name);
    const layer = { weight, candidates: candidatesOf(weight, context) };
    const candidates =
      probe === null ? relativeErrors(layer) : await withOutputErrors(model, layer, probe, context);
    layers.push({ weight, candidates });
  }
  const choices = tradeoff(layers.map(({ candidates }) => candidates));
  const rest = context.measure(model) - weights.reduce((sum, { encoding }) => sum + encoding.byteLength, 0);
  const limit = maxBytes === null ? Infinity : maxBytes - rest;
  const judge =
    maxAccuracyDrop === null ? null : await openProbe(model, budget.samples, budget, executor, context);
  const choice =
    maxAccuracyDrop === null || judge === null
      ? choices.within(limit)
      : await fewestBytes(model, layers, choices, { limit, maxAccuracyDrop, judge }, context);
  if (choice === null) throw tooSmall(maxBytes ?? 0, rest + totalBytes(choices.at(0)));
  context.table({
    title: `Bits of each layer, some ${Math.ceil(rest + totalBytes(choice)).toLocaleString('en-US')} bytes in all`,
    columns: [
      'weight',
      'elements',
      'bits',
      'bytes',
      `SQNR of ${probe === null ? 'weights' : 'outputs'}, it alone`,
    ],
    rows: layers.map(({ weight }, i) => {
      const { bits, bytes, error } = choice[i]!;
      const sqnr = error === 0 ? 'exact' : `${(-10 * Math.log10(error)).toFixed(1)} dB`;
      return [weight.name, elementCount(weight.encoding.dims), bits ?? 'as it was', Math.ceil(bytes), sqnr];
    }),
  });
  return new Map(
    layers.flatMap(({ weight }, i) => {
      const { bits } = choice[i]!;
      return bits === null ? [] : [[weight.name, bits]];
    }),
  );
}

function assertLimited({ maxBytes, maxAccuracyDrop }: BudgetOptions): void {
  if (maxBytes !== null || maxAccuracyDrop !== null) return;
  throw new OptionsError({
    what: 'The budget has no limit.',
    where: 'option "budget"',
    fix: 'Give maxBytes, or maxAccuracyDrop, or both.',
  });
}

function tooSmall(maxBytes: number, least: number): OptionsError {
  return new OptionsError({
    what: `Not even 1 bit for each weight makes the file ${maxBytes} bytes: ${Math.ceil(least)} are the fewest.`,
    where: 'option "budget.maxBytes"',
    fix: `Allow ${Math.ceil(least)} bytes or more, or prune first.`,
  });
}

/** Null where there are no data, or nothing that runs models. */
async function openProbe(
  model: Model,
  samples: number,
  { maxAccuracyDrop }: BudgetOptions,
  executor: Executor | null,
  { data, log }: PassContext<ShareWeightsOptions>,
): Promise<OutputProbe | null> {
  if (executor !== null && data.calibration !== undefined)
    return OutputProbe.open(executor, model, data.calibration, samples);
  if (maxAccuracyDrop !== null) {
    throw new UnsupportedError({
      what: 'Accuracy can not be measured: nothing here runs models.',
      where: 'option "budget.maxAccuracyDrop"',
      fix: 'Add the runtime to the compressor (presets has it), or give maxBytes.',
    });
  }
  log.info('share-weights: without calibration data layers are weighed by the energy of their weights');
  return null;
}

interface AccuracyLimit {
  readonly limit: number;
  readonly maxAccuracyDrop: number;
  readonly judge: OutputProbe;
}

/** The first of the choices, from few bytes to many, that keeps the accuracy; found by halving. Null where none fits. */
async function fewestBytes(
  model: Model,
  layers: readonly Layer[],
  choices: Tradeoff<BitsCandidate>,
  { limit, maxAccuracyDrop, judge }: AccuracyLimit,
  context: PassContext<ShareWeightsOptions>,
): Promise<readonly BitsCandidate[] | null> {
  const weights = layers.map(({ weight }) => weight);
  let [low, high] = [0, choices.steps];
  while (low < high) {
    const middle = (low + high) >> 1;
    await context.progress(
      weights.length + Math.min(low, weights.length - 1),
      2 * weights.length,
      'accuracy',
    );
    const { drop } = await judge.compare(withBits(model, weights, choices.at(middle), context));
    context.log.debug(
      `${Math.ceil(totalBytes(choices.at(middle)))} bytes of weights lose ${drop} of the answers`,
    );
    if (drop <= maxAccuracyDrop) high = middle;
    else low = middle + 1;
  }
  const found = totalBytes(choices.at(low)) <= limit ? choices.at(low) : choices.within(limit);
  if (found === null) return null;
  const { drop } = await judge.compare(withBits(model, weights, found, context));
  if (drop > maxAccuracyDrop)
    context.log.warn(
      `share-weights: ${drop.toPrecision(2)} of ${judge.samples} calibration answers are lost, more than ${maxAccuracyDrop}`,
    );
  return found;
}
