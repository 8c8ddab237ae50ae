import type { Dim } from '../../ir/value-type.js';
import { dimsDiffer, printDims } from '../dims.js';
import type { NodeView } from '../node-view.js';
import type { ShapeRule, ShapeRules } from '../rule.js';
import { typeByNumber } from '../type-numbers.js';
import { like } from './elementwise.js';

/** Inputs `from` to `to` are vectors with one element for each channel, axis 1 of the input. */
function checkChannels(view: NodeView, from: number, to: number): Dim | undefined {
  const dims = view.dims(0);
  const channels = dims === null ? undefined : dims.length < 2 ? 1 : dims[1];
  for (let index = from; index <= to; index++) {
    const vector = view.dims(index);
    if (vector === null || (vector.length === 1 && !dimsDiffer(vector[0], channels))) continue;
    throw view.fail(`Input ${index} of the shape ${printDims(vector)} does not fit ${channels} channels.`);
  }
  return channels;
}

const batchNormalization: ShapeRule = {
  least: 5,
  infer(view) {
    const channels = checkChannels(view, 1, 4);
    const statistics = { dtype: view.dtype(3), dims: channels === undefined ? null : [channels] };
    return [{ dtype: view.dtype(0), dims: view.dims(0) }, statistics, statistics];
  },
};

const instanceNormalization: ShapeRule = {
  least: 3,
  infer(view) {
    checkChannels(view, 1, 2);
    return [{ dtype: view.dtype(0), dims: view.dims(0) }];
  },
};

const layerNormalization: ShapeRule = {
  least: 2,
  infer(view) {
    const dims = view.dims(0);
    const axis = dims === null ? 0 : view.axis(view.attributes.int('axis', -1), dims.length);
    const statistics = {
      dtype: typeByNumber(view.attributes.int('stash_type', 1)),
      dims: dims === null ? null : dims.map((dim, i) => (i < axis ? dim : 1)),
    };
    return [{ dtype: view.dtype(0), dims }, statistics, statistics];
  },
};

export const normalizationRules: ShapeRules = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  GroupNormalization: like(3),
  RMSNormalization: like(2),
  LpNormalization: like(1),
  MeanVarianceNormalization: like(1),
  LRN: like(1),
};
