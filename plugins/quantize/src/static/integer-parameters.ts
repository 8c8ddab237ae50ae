import {
  AffineEncoding,
  affine,
  clamp,
  dense,
  type Model,
  type Node,
  quantization,
  roundHalfEven,
  Tensor,
  toFloat32,
  type Value,
} from '@espalier/core';
import type { LayerMoments } from '../moments/collect-moments.js';
import type { QuantizeOptions } from '../options.js';
import { integerWeight, isQuantized } from '../weights/integer-weight.js';
import { type WeightSettings, weightSettings } from '../weights/weight-settings.js';
import { correctBias, meanError } from './bias-correction.js';
import type { WeightPlace } from './operators.js';
import type { Selected } from './selection.js';

/** A bias may be this large in units of inputScale * weightScale: the rest of int32 is for the products. */
const largestBias = 2 ** 28;

/**
 * Quantizes weights, biases and constant operands of selected nodes. The inputs must have their
 * quantization already. Returns how many constants changed.
 *
 * @param measured - moments of the inputs of layers, by weight
 */
export function quantizeParameters(
  model: Model,
  selected: readonly Selected[],
  options: Readonly<QuantizeOptions>,
  measured: ReadonlyMap<Value, LayerMoments>,
): number {
  let changed = 0;
  const least = leastScales(selected);
  for (const { node, operator } of selected) {
    for (const index of operator.takesConstant ? operator.operands : []) {
      if (quantizeConstant(model, node.inputs[index], null, operandSettings)) changed++;
    }
    const { weights } = operator;
    if (weights === undefined) continue;
    const weight = node.inputs[weights.weight];
    if (weight != null && quantizeWeight(model, node, weight, weights, options, { least, measured }))
      changed++;
    if (weights.bias !== null && quantizeBias(model, { node, bias: weights.bias, weight })) changed++;
  }
  return changed;
}

/** Of a constant that is added or multiplied with: one scale for all, as for activations. */
const operandSettings: WeightSettings = {
  granularity: 'tensor',
  bits: 8,
  groupSize: 0,
  range: 'max',
  rounding: 'nearest',
};

function quantizeConstant(
  { graph }: Model,
  value: Value | null | undefined,
  axis: number | null,
  settings: WeightSettings,
): boolean {
  if (value?.constant == null || isQuantized(value.constant)) return false;
  graph.replaceConstant(value, integerWeight(value.constant, { name: value.name, axis, settings }));
  return true;
}

/** What was measured of the model before its constants change. */
interface Known {
  readonly least: ReadonlyMap<Value, Float32Array>;
  readonly measured: ReadonlyMap<Value, LayerMoments>;
}

function quantizeWeight(
  { graph }: Model,
  node: Node,
  weight: Value,
  place: WeightPlace,
  options: Readonly<QuantizeOptions>,
  { least, measured }: Known,
): boolean {
  const { constant, name } = weight;
  if (constant === null || isQuantized(constant)) return false;
  const moments = measured.get(weight);
  // A weight of two nodes has one error and two biases: each is given what it needs.
  const corrects = options.correctBias && moments !== undefined && place.bias !== null;
  const integer = integerWeight(constant, {
    name,
    axis: place.axis,
    settings: weightSettings(options, { name, op: node.op }),
    least: least.get(weight),
    moments,
    isCentred: corrects,
  });
  graph.replaceConstant(weight, integer);
  if (corrects) {
    const error = meanError(constant, integer, place.axis, moments);
    for (const reader of graph.consumers(weight))
      if (reader.op === node.op) correctBias(graph, reader, place.bias, error);
  }
  return true;
}

/**
 * For each weight the least scale a channel may have: so that the bias, in units of inputScale *
 * weightScale, stays small. It matters for channels that are all but zero, as pruning and folding leave them.
 */
function leastScales(selected: readonly Selected[]): ReadonlyMap<Value, Float32Array> {
  const least = new Map<Value, Float32Array>();
  for (const { node, operator } of selected) {
    if (operator.weights === undefined || operator.weights.bias === null) continue;
    const weight = node.inputs[operator.weights.weight];
    const bias = node.inputs[operator.weights.bias]?.constant;
    const inputScale = node.inputs[0]?.type?.quantization?.scale[0];
    if (weight?.constant == null || bias == null || inputScale === undefined) continue;
    const values = toFloat32(bias.decode());
    const channels = weight.constant.dims[operator.weights.axis] ?? 0;
    const bounds = least.get(weight) ?? new Float32Array(channels);
    const wanted = bounds.map((bound, c) =>
      Math.max(bound, Math.abs(values[values.length === 1 ? 0 : c] ?? 0) / (inputScale * largestBias)),
    );
    least.set(weight, wanted);
  }
  return least;
}

interface BiasOf {
  readonly node: Selected['node'];
  readonly bias: number;
  readonly weight: Value | null | undefined;
}

/**
 * Gives a node a bias of its own in int32, at scale inputScale * weightScale and zero point 0.
 *
 * @see ONNX QLinearConv, opset 10; Jacob et al. 2018 (arXiv:1712.05877), section 2.4
 */
function quantizeBias({ graph }: Model, { node, bias, weight }: BiasOf): boolean {
  const value = node.inputs[bias];
  const inputScale = node.inputs[0]?.type?.quantization?.scale[0];
  if (value?.constant == null || isQuantized(value.constant) || inputScale === undefined) return false;
  if (!(weight?.constant instanceof AffineEncoding)) return false;
  const { scale, axis } = weight.constant.quantization;
  const reals = toFloat32(value.constant.decode());
  const count = axis === null ? reals.length : scale.length;
  const units = scale.map((s) => inputScale * s);
  const codes = Int32Array.from({ length: count }, (_, c) => {
    const unit = units[units.length === 1 ? 0 : c] ?? 1;
    const code = roundHalfEven((reals[reals.length === 1 ? 0 : c] ?? 0) / unit);
    return clamp(code, -(2 ** 31), 2 ** 31 - 1);
  });
  const parameters = quantization({ scale: units, axis: axis === null ? null : 0, storageType: 'int32' });
  graph.setInput(
    node,
    bias,
    graph.constant(affine(dense(new Tensor('int32', codes)), parameters), value.name),
  );
  return true;
}
