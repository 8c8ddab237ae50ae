import {
  affine,
  blockwise,
  type Graph,
  type Node,
  type Quantization,
  sameQuantization,
  type Value,
} from '@espalier/core';
import { elementTypeNumber } from '../proto/element-types.js';
import { rawName } from '../raw-name.js';
import {
  quantizeTensor,
  readBlockQuantization,
  readQuantization,
  storageOf,
} from './quantization-parameters.js';

/**
 * Turns QuantizeLinear and DequantizeLinear with constant parameters into what the IR has for them: a
 * weight's affine encoding, or the quantization of a value. What fits neither stays an operator.
 */
export function foldQuantization(graph: Graph): void {
  for (const node of graph.nodesOf('DequantizeLinear')) {
    const codes = node.inputs[0];
    if (codes == null || !givesFloat32(node)) continue;
    if (codes.constant !== null) foldConstant(graph, node, codes);
    else foldPair(graph, node, graph.producer(codes));
  }
}

function givesFloat32(node: Node): boolean {
  const dtype = node.attributes.int('output_dtype');
  return dtype === undefined || dtype === elementTypeNumber('float32');
}

/** DequantizeLinear of a constant is a weight of integer codes. */
function foldConstant(graph: Graph, node: Node, codes: Value): void {
  if (codes.constant === null) return;
  const { type, dims } = codes.constant;
  const quantization = readQuantization(node, type, dims);
  const blocks = readBlockQuantization(node, codes.constant);
  if (quantization !== null)
    replaceByConstant(graph, node, graph.constant(affine(codes.constant, quantization)));
  else if (blocks !== null) {
    const { scales, zeroPoints, axis, blockSize } = blocks;
    const tree = blockwise({ codes: codes.constant, scales, zeroPoints }, axis, blockSize);
    replaceByConstant(graph, node, graph.constant(tree));
  }
}

function replaceByConstant(graph: Graph, node: Node, constant: Value): void {
  const output = node.outputs[0];
  if (output == null) return;
  const { name } = output;
  graph.replaceAllUses(output, constant);
  graph.remove(node);
  graph.rename(constant, name);
}

/** QuantizeLinear and its undoing: the value between them is the quantized one. */
function foldPair(graph: Graph, node: Node, quantize: Node | undefined): void {
  const [source, output] = [quantize?.inputs[0], node.outputs[0]];
  if (quantize?.op !== 'QuantizeLinear' || quantize.domain !== '' || source == null || output == null) return;
  const quantization = pairQuantization(quantize, node, source);
  if (quantization === null) return;
  const constant = source.constant;
  if (constant !== null) {
    if (constant.type !== 'float32') return;
    const codes = quantizeTensor(constant.decode(), quantization);
    replaceByConstant(graph, node, graph.constant(affine(codes, quantization)));
  } else if (sameQuantization(source.type?.quantization, quantization)) {
    takeItsPlace(graph, node, output, source);
  } else if (takesPlace(graph, source, quantization, output)) {
    graph.setType(source, { dtype: 'float32', dims: source.type?.dims ?? null, quantization });
    takeItsPlace(graph, node, output, source);
  } else {
    // Others read the value as it was: the quantized one is another.
    const copy = graph.apply({ op: 'Identity', name: node.name, inputs: [source] }, '', {
      dtype: 'float32',
      dims: source.type?.dims ?? null,
      quantization,
    });
    const { name } = output;
    graph.supersede(output, copy);
    graph.remove(node);
    graph.rename(copy, name);
  }
  if (quantize.outputs.every((value) => graph.uses(value).size === 0)) graph.remove(quantize);
}

function takeItsPlace(graph: Graph, node: Node, output: Value, source: Value): void {
  const { name } = output;
  graph.supersede(output, source);
  graph.remove(node);
  // Ours again: else a file that is read and written grows by a "_raw" each time.
  if (source.name === rawName(name) && !graph.isInput(source)) graph.rename(source, name);
}

/** What both nodes say, or null where they differ, or speak of another type than float32. */
function pairQuantization(quantize: Node, dequantize: Node, source: Value): Quantization | null {
  if ((source.type?.dtype ?? 'float32') !== 'float32') return null;
  const dims = source.type?.dims ?? null;
  const storage = storageOf(quantize);
  if (storage === null) return null;
  const first = readQuantization(quantize, storage, dims);
  const second = readQuantization(dequantize, storage, dims);
  return first !== null && second !== null && sameQuantization(first, second) ? first : null;
}

/** Whether `source` itself can be the quantized value: all that is done with it is this quantization. */
function takesPlace(graph: Graph, source: Value, quantization: Quantization, output: Value): boolean {
  if (source.type?.quantization !== undefined || graph.isOutput(source)) return false;
  if (graph.isInput(source) && graph.isOutput(output)) return false;
  const dims = source.type?.dims ?? null;
  return [...graph.uses(source)].every((use) => {
    if (use.kind !== 'input' || use.index !== 0 || use.node.op !== 'QuantizeLinear') return false;
    const storage = storageOf(use.node);
    return (
      storage !== null &&
      sameQuantization(readQuantization(use.node, storage, dims) ?? undefined, quantization)
    );
  });
}
