import {
  AffineEncoding,
  dense,
  type Encoding,
  type Graph,
  int,
  type Model,
  type Node,
  PackedEncoding,
  type PassContext,
  packed,
  Tensor,
  type Value,
} from '@espalier/core';
import type { Exclusions } from '../exclusions.js';
import type { QuantizeOptions } from '../options.js';
import { inferredTypes, integerOperator, type TypeOf, type WeightPlace } from '../static/operators.js';
import { integerWeight, isQuantized } from '../weights/integer-weight.js';
import { quantizeWeights } from '../weights/weight-only.js';
import { weightSettings } from '../weights/weight-settings.js';

/** ONNX's number of float32, as Cast takes it. */
const float32 = 1;

/** A layer whose activations are quantized as it runs. */
interface DynamicLayer {
  readonly node: Node;
  readonly input: Value;
  readonly weight: Value;
  readonly place: WeightPlace;
}

/**
 * Dynamic-range quantization: matrix products over activations that are put on a grid of their own range when they are
 * known, without calibration data. Convolutions, and all else that has weights, hold them as integers and compute in
 * float32. Returns whether anything changed.
 *
 * @see ONNX DynamicQuantizeLinear, opset 11, and MatMulInteger, opset 10, as ONNX Runtime's `quantize_dynamic` joins them
 */
export async function quantizeDynamically(
  model: Model,
  exclusions: Exclusions,
  context: PassContext<QuantizeOptions>,
): Promise<boolean> {
  const { graph } = model;
  const layers = dynamicLayers(model, exclusions);
  const grids = new Map<Value, ActivationCodes>();
  for (const layer of layers) {
    const codes = grids.get(layer.input) ?? quantizeInput(graph, layer.input);
    grids.set(layer.input, codes);
    replaceLayer(graph, layer, codes, context.options);
    context.log.debug(`${layer.node.name || layer.node.op}: int8, activations as they come`);
  }
  const others = await quantizeWeights(model, exclusions, context);
  graph.removeDead();
  context.count('layers.dynamic', layers.length);
  return layers.length > 0 || others;
}

function dynamicLayers(model: Model, exclusions: Exclusions): readonly DynamicLayer[] {
  const typeOf: TypeOf = inferredTypes(model);
  const layers: DynamicLayer[] = [];
  for (const node of model.graph.nodes) {
    if ((node.op !== 'Gemm' && node.op !== 'MatMul') || exclusions.has(node)) continue;
    const place = integerOperator(node, typeOf, model.requantization)?.weights;
    const [input, weight, bias] = node.inputs;
    if (place === undefined || input == null || weight?.constant == null) continue;
    // What is on a grid already stays there.
    const onGrid = [input, ...node.outputs].some((value) => value?.type?.quantization !== undefined);
    if (onGrid || isQuantized(weight.constant) || (bias != null && bias.constant === null)) continue;
    layers.push({ node, input, weight, place });
  }
  return layers;
}

/** What is known of an activation when it runs. */
interface ActivationCodes {
  readonly codes: Value;
  readonly scale: Value;
  readonly zeroPoint: Value;
}

function quantizeInput(graph: Graph, input: Value): ActivationCodes {
  const dims = input.type?.dims ?? null;
  const codes = graph.addValue(`${input.name}_codes`, { dtype: 'uint8', dims });
  const scale = graph.addValue(`${input.name}_scale`, { dtype: 'float32', dims: [] });
  const zeroPoint = graph.addValue(`${input.name}_zero_point`, { dtype: 'uint8', dims: [] });
  graph.addNode({ op: 'DynamicQuantizeLinear', inputs: [input], outputs: [codes, scale, zeroPoint] });
  return { codes, scale, zeroPoint };
}

function replaceLayer(
  graph: Graph,
  { node, weight, place }: DynamicLayer,
  { codes, scale, zeroPoint }: ActivationCodes,
  options: Readonly<QuantizeOptions>,
): void {
  const { name, constant } = weight;
  if (constant === null) return;
  const settings = weightSettings(options, { name, op: node.op });
  const integer = integerWeight(constant, { name, axis: place.axis, settings });
  if (!(integer instanceof AffineEncoding)) return;
  const dims = node.outputs[0]?.type?.dims ?? null;
  // MatMulInteger has the outputs along the last axis, as MatMul has.
  const held = place.axis === 0 ? transposed(integer.children.codes) : integer.children.codes;
  const { scale: scales, axis } = integer.quantization;
  const weightCodes = graph.constant(held, `${name}_quantized`);
  const weightScale = graph.constant(
    new Tensor('float32', scales, axis === null ? [] : [scales.length]),
    `${name}_scale`,
  );
  const sums = graph.apply(
    { op: 'MatMulInteger', name: node.name, inputs: [codes, weightCodes, zeroPoint] },
    '',
    {
      dtype: 'int32',
      dims,
    },
  );
  const reals = graph.apply({ op: 'Cast', inputs: [sums], attributes: { to: int(float32) } }, '', {
    dtype: 'float32',
    dims,
  });
  const unit = graph.apply({ op: 'Mul', inputs: [scale, weightScale] }, '', {
    dtype: 'float32',
    dims: axis === null ? [] : [scales.length],
  });
  const bias = place.bias === null ? null : node.inputs[place.bias];
  if (bias == null) {
    graph.replaceNode(node, { op: 'Mul', inputs: [reals, unit] });
    return;
  }
  const product = graph.apply({ op: 'Mul', inputs: [reals, unit] }, '', { dtype: 'float32', dims });
  graph.replaceNode(node, { op: 'Add', inputs: [product, bias] });
}

function transposed(codes: Encoding): Encoding {
  const { data, dims } = codes.decode();
  const [rows = 0, columns = 0] = dims;
  const from = data as Int8Array; // integer weights are int8
  const to = new Int8Array(from.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j] as number; // inside both
  }
  const tensor = new Tensor('int8', to, [columns, rows]);
  return codes instanceof PackedEncoding ? packed(tensor, codes.bitWidth) : dense(tensor);
}
