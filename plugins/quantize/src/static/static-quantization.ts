import type { Calibrator, Executor, Model, PassContext, Value } from '@espalier/core';
import { requireCalibration } from '../calibration-source.js';
import { leaveOutRanges } from '../dynamic/leave-out-ranges.js';
import { Exclusions } from '../exclusions.js';
import { withForms } from '../forms/within-time.js';
import type { LayerMoments } from '../moments/collect-moments.js';
import type { QuantizeOptions } from '../options.js';
import { openProbe, withWidths } from '../rounding/choose-widths.js';
import { measureLayers } from '../rounding/measured-layers.js';
import { budgetOfWidths, limitsTime, type MixedBudget } from '../rounding/mixed-options.js';
import { setRule } from '../set-rule.js';
import { quantizeWeights } from '../weights/weight-only.js';
import { drawBorders } from './borders.js';
import { chooseGrids } from './choose-grids.js';
import { floatNodes } from './float-nodes.js';
import { quantizeParameters } from './integer-parameters.js';
import type { Ranges } from './known-ranges.js';
import { inferredTypes } from './operators.js';
import { type Selected, selectNodes } from './selection.js';

/** What the pass was given beside options and data. */
export interface Tools {
  readonly executor: Executor | null;
  readonly calibrators: readonly Calibrator[];
  /** What was measured of the same model before, where it is quantized again and again. */
  readonly ranges?: Ranges | undefined;
}

/**
 * Static post-training quantization: grids for the activations around int8 nodes, integer weights and
 * biases for these, int8 weights for the rest. Returns whether anything changed.
 */
export async function quantizeStatically(
  model: Model,
  exclusions: Exclusions,
  tools: Tools,
  context: PassContext<QuantizeOptions>,
): Promise<boolean> {
  const { options, count, log, table } = context;
  if (options.mixed !== null && limitsTime(options.mixed))
    return quantizeWithinTime(model, exclusions, tools, context, options.mixed);
  if (options.requantization !== null) setRule(model, options.requantization);
  leaveOutRanges(model.graph, exclusions);
  const typeOf = inferredTypes(model);
  const selected = selectNodes(model, typeOf, exclusions, options.outputs === 'float32');
  const inReals = floatNodes(model, selected, typeOf, exclusions);
  if (inReals !== null) table(inReals);
  // Measured on the float model: grids and codes come after.
  const grids = await chooseGrids(model, selected, tools, context);
  const measured = await measureLayers(model, selected, tools, context);
  const probe = await openProbe(model, tools.executor, context);
  if (model.requantization !== 'onnx') drawBorders(model.graph, selected, grids, typeOf);
  for (const [value, quantization] of grids) {
    model.graph.setType(value, { dtype: 'float32', dims: typeOf(value)?.dims ?? null, quantization });
  }
  const layers = { selected, measured };
  const quantized = async (trial: PassContext<QuantizeOptions>): Promise<Model> => {
    const copy = model.clone();
    await quantizeConstants(copy, inCopy(layers, model, copy), exclusions, trial);
    return copy;
  };
  const own =
    options.mixed === null
      ? options
      : await withWidths({ ...layers, probe, quantized }, options.mixed, context);
  const { constants, others } = await quantizeConstants(model, layers, exclusions, {
    ...context,
    options: own,
  });
  count('values.quantized', grids.size);
  count('weights.quantized', constants);
  for (const { node } of selected) log.debug(`${node.name || node.op}: int8`);
  return grids.size > 0 || constants > 0 || others;
}

/** Lets each layer compute in what a limit of time allows, then quantizes as that says. */
async function quantizeWithinTime(
  model: Model,
  exclusions: Exclusions,
  tools: Tools,
  context: PassContext<QuantizeOptions>,
  budget: MixedBudget,
): Promise<boolean> {
  const { options, progress } = context;
  const { executor, calibration } = requireCalibration(tools.executor, context.data);
  // The same values are measured in each trial.
  const own = { ...tools, ranges: tools.ranges ?? new Map() };
  const base = model.clone();
  if (options.requantization !== null) setRule(base, options.requantization);
  const selected = selectNodes(base, inferredTypes(base), exclusions, options.outputs === 'float32');
  const grids = await chooseGrids(base, selected, own, context);
  const quantized = async (trial: QuantizeOptions): Promise<Model> => {
    const copy = model.clone();
    await quantizeStatically(copy, new Exclusions(trial.exclude, copy), own, {
      ...context,
      options: { ...trial, rounding: 'nearest', correctBias: false, mixed: null },
      // The report is of the choice, not of what it was made from.
      count: () => {},
      table: () => {},
      progress: (_done, _total, what) => progress(0, 1, what),
    });
    return copy;
  };
  const surveyed = { model: base, selected, grids };
  const chosen = await withForms({ surveyed, executor, calibration, quantized }, budget, context);
  return quantizeStatically(model, new Exclusions(chosen.exclude, model), own, {
    ...context,
    options: { ...chosen, mixed: budgetOfWidths(budget) },
  });
}

/** Layers that are computed in int8, and what was measured of them. */
interface Layers {
  readonly selected: readonly Selected[];
  readonly measured: ReadonlyMap<Value, LayerMoments>;
}

/** Weights, biases and operands of int8 layers, and the weights of the rest. The grids of activations are there already. */
async function quantizeConstants(
  model: Model,
  { selected, measured }: Layers,
  exclusions: Exclusions,
  context: PassContext<QuantizeOptions>,
): Promise<{ readonly constants: number; readonly others: boolean }> {
  const constants = quantizeParameters(model, selected, context.options, measured);
  const others = await quantizeWeights(model, exclusions, context);
  model.graph.removeDead();
  return { constants, others };
}

/** The same layers of a copy: its nodes are in the same order, its values have the same names. */
function inCopy({ selected, measured }: Layers, { graph }: Model, copy: Model): Layers {
  const nodes = new Map(graph.nodes.map((node, i) => [node, copy.graph.nodes[i]]));
  return {
    selected: selected.flatMap(({ node, ...rest }) => {
      const same = nodes.get(node);
      return same === undefined ? [] : [{ ...rest, node: same }];
    }),
    measured: new Map(
      [...measured].flatMap(([value, moments]) => {
        const same = copy.graph.value(value.name);
        return same === undefined ? [] : [[same, moments] as const];
      }),
    ),
  };
}
