import {
  type Executor,
  type Feeds,
  type Node,
  type PassContext,
  Similarity,
  Tensor,
  toFloat32,
  type Value,
} from '@espalier/core';
import type { Change } from '../alone/change.js';
import { tryAlone } from '../alone/try-alone.js';
import { addOutputs } from '../diagnosis/compare-outputs.js';
import type { QuantizeOptions } from '../options.js';
import type { Selected } from '../static/selection.js';
import { integerWeight, isQuantized } from '../weights/integer-weight.js';
import { weightSettings } from '../weights/weight-settings.js';
import { jointsOf, type Measured, type Surveyed } from './network-of.js';

/**
 * How far the outputs of the float model are off, as noise over signal, when one grid alone is there, or the weights of one layer alone are
 * rounded.
 *
 * @param batches - what it is run on
 */
export async function measureErrors(
  surveyed: Surveyed,
  executor: Executor,
  batches: readonly Feeds[],
  { options, progress }: PassContext<QuantizeOptions>,
): Promise<Omit<Measured, 'elements'>> {
  const { model, selected, grids } = surveyed;
  const onGrids = [...new Set(jointsOf(surveyed).values())].flatMap((value) => {
    const grid = grids.get(value);
    return grid === undefined ? [] : [{ of: value, change: { value: value.name, grid, weights: null } }];
  });
  const rounded = selected.flatMap((one) => {
    const change = withCodes(one, options);
    return change === null ? [] : [{ of: one.node, change }];
  });
  const changes: readonly Change[] = [...onGrids, ...rounded].map(({ change }) => change);
  const similarities = changes.map(() => new Similarity());
  let tried = 0;
  await tryAlone({
    executor,
    reference: model,
    changes,
    batches,
    before: () => progress(tried++, changes.length * batches.length, 'weighing layers'),
    see: (change, expected, actual) => addOutputs(similarities[change], expected, actual),
  });
  const errors = similarities.map(({ sqnrDb }) => 10 ** (-sqnrDb / 10));
  return {
    gridErrors: new Map<Value, number>(onGrids.map(({ of }, i) => [of, errors[i] ?? 0])),
    weightErrors: new Map<Node, number>(rounded.map(({ of }, i) => [of, errors[onGrids.length + i] ?? 0])),
  };
}

/** The weights of a layer with the nearest codes; null where there is nothing to be rounded. */
function withCodes({ node, operator, results }: Selected, options: Readonly<QuantizeOptions>): Change | null {
  const weight = node.inputs[operator.weights?.weight ?? -1];
  const [result] = results;
  if (weight?.constant == null || isQuantized(weight.constant) || result === undefined) return null;
  const { name, constant } = weight;
  const settings = { ...weightSettings(options, { name, op: node.op }), rounding: 'nearest' as const };
  const codes = integerWeight(constant, { name, axis: operator.weights?.axis ?? null, settings });
  const rounded = new Tensor('float32', toFloat32(codes.decode()), constant.dims);
  return { value: result.name, grid: null, weights: { name, rounded } };
}
