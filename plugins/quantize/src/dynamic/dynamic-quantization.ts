import {
  type Model,
  type Node,
  type PassContext,
  type RequantizationRule,
  roundedToRange,
  type Value,
} from '@espalier/core';
import type { Exclusions } from '../exclusions.js';
import type { QuantizeOptions } from '../options.js';
import { setRule } from '../set-rule.js';
import { inferredTypes, integerOperator, type TypeOf } from '../static/operators.js';
import { isQuantized } from '../weights/integer-weight.js';
import { quantizeWeights } from '../weights/weight-only.js';

/** A layer whose activations are quantized as it runs. */
interface DynamicLayer {
  readonly node: Node;
  readonly input: Value;
}

/**
 * Dynamic-range quantization: convolutions and matrix products over activations that are put on a grid of their own range when
 * they are known, without calibration data. All else that has weights holds them as integers, and computes in float32. Returns
 * whether anything changed.
 *
 * By rule `onnx` all of an activation has one range, as in ONNX Runtime's `quantize_dynamic`; by the others each image, or each
 * row or pixel of a product, as LiteRT has it.
 *
 * @see ONNX DynamicQuantizeLinear, opset 11; https://ai.google.dev/edge/litert/models/post_training_quantization, dynamic range
 */
export async function quantizeDynamically(
  model: Model,
  exclusions: Exclusions,
  context: PassContext<QuantizeOptions>,
): Promise<boolean> {
  const { graph } = model;
  const { requantization } = context.options;
  if (requantization !== null) setRule(model, requantization);
  const layers = dynamicLayers(model, exclusions);
  const others = await quantizeWeights(model, exclusions, context);
  // A weight that would not have got smaller, or whose scale is none, stayed as it was.
  const rounded = layers.filter(({ node }) => {
    const weight = node.inputs[1]?.constant;
    return weight != null && isQuantized(weight);
  });
  for (const { node, input } of rounded) {
    graph.setInput(node, 0, roundedToRange(graph, input, rangeOf(node, input, model.requantization)));
    context.log.debug(`${node.name || node.op}: int8, activations as they come`);
  }
  context.count('layers.dynamic', rounded.length);
  return rounded.length > 0 || others;
}

function dynamicLayers(model: Model, exclusions: Exclusions): readonly DynamicLayer[] {
  const typeOf: TypeOf = inferredTypes(model);
  const layers: DynamicLayer[] = [];
  for (const node of model.graph.nodes) {
    if (!['Conv', 'Gemm', 'MatMul'].includes(node.op) || exclusions.has(node)) continue;
    const place = integerOperator(node, typeOf, model.requantization)?.weights;
    const [input, weight, bias] = node.inputs;
    if (place === undefined || input == null || weight?.constant == null) continue;
    // What is on a grid already stays there.
    const onGrid = [input, ...node.outputs].some((value) => value?.type?.quantization !== undefined);
    if (onGrid || isQuantized(weight.constant) || (bias != null && bias.constant === null)) continue;
    layers.push({ node, input });
  }
  return layers;
}

/** The axes of an activation that share a range; absent: all. */
function rangeOf(
  { op, attributes, inputs }: Node,
  { type }: Value,
  rule: RequantizationRule,
): readonly number[] | undefined {
  if (rule === 'onnx') return undefined;
  if (op !== 'Conv') return [-1];
  const rank = type?.dims?.length ?? 4;
  const kernel = inputs[1]?.constant?.dims.slice(2) ?? [];
  const steps = attributes.ints('strides') ?? [];
  const isPointwise = attributes.int('group', 1) === 1 && [...kernel, ...steps].every((size) => size === 1);
  const isPadded = (attributes.ints('pads') ?? []).some((pad) => pad !== 0);
  return isPointwise && !isPadded ? [1] : Array.from({ length: rank - 1 }, (_, axis) => axis + 1);
}
