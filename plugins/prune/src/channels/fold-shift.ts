import {
  dense,
  type Encoding,
  type Graph,
  type Model,
  type Node,
  tensorOf,
  toNumbers,
  type Value,
} from '@espalier/core';
import type { UnitsOfModel } from './find-units.js';
import { type LayerMatrix, layerBias, layerMatrix } from './layer-matrix.js';
import { padsWithZeros, type SettledUnits } from './settled-units.js';

/** A layer, and what is to be added to each of its output channels. */
export interface BiasShift {
  readonly matrix: LayerMatrix;
  readonly added: Float64Array;
}

/**
 * Whether a constant that a layer reads can go into its bias. Not where it pads, since what is padded has not that constant,
 * nor beside quantized values, which round.
 */
export function canTakeShift({ graph }: Model, node: Node): boolean {
  const matrix = layerMatrix(node);
  const [output] = node.outputs;
  if (matrix === null || output == null || layerBias(matrix) === null) return false;
  if (node.op === 'ConvTranspose' || (node.op === 'Conv' && padsWithZeros(node))) return false;
  if (node.op === 'MatMul' && graph.isOutput(output)) return false;
  return [node.inputs[0], output].every((value) => value?.type?.quantization === undefined);
}

/**
 * What units that are about to go contribute to the layers that read them.
 *
 * @param gone - numbers of the units
 */
export function biasShifts(
  { space }: UnitsOfModel,
  settled: SettledUnits,
  gone: ReadonlySet<number>,
): readonly BiasShift[] {
  const shifts: BiasShift[] = [];
  for (const node of new Set(space.contractions.map((contraction) => contraction.node))) {
    const read = node.inputs[0];
    const constants = read && settled.get(read);
    const channels = read && space.axesOf(read)?.at(node.op === 'MatMul' ? -1 : 1);
    if (constants == null || channels == null) continue;
    const shift = Float64Array.from({ length: channels.size }, (_, i) => {
      const unit = space.unitAt(channels, i);
      return gone.has(unit) ? (constants.get(unit) ?? 0) : 0;
    });
    const matrix = shift.every((constant) => constant === 0) ? null : layerMatrix(node);
    const added = matrix && contributions(matrix, shift);
    // A unit that no weight leads out of adds nothing, whatever it is.
    if (matrix !== null && added?.some((sum) => sum !== 0)) shifts.push({ matrix, added });
  }
  return shifts;
}

/** What a shift of each input channel adds to each output channel, in double. */
function contributions(
  { node, values, rows, rowOf, columnOf }: LayerMatrix,
  shift: Float64Array,
): Float64Array {
  const sums = new Float64Array(rows);
  const alpha = node.op === 'Gemm' ? node.attributes.float('alpha', 1) : 1;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== 0) sums[rowOf(i)]! += alpha * values[i]! * shift[columnOf(i)]!;
  }
  return sums;
}

/** Gives a layer a bias with a number for each of its channels, where it has none; says whether it did. */
export function addBias(graph: Graph, matrix: LayerMatrix): boolean {
  if (biasOf(graph, matrix) !== null) return false;
  const { node, weight } = matrix;
  const bias = layerBias(matrix) ?? new Float64Array(matrix.rows);
  const value = graph.constant(encoded(matrix, bias), `${weight.name}_bias`);
  if (node.op === 'MatMul') addBehind(graph, node, value);
  else graph.setInput(node, 2, value);
  if (node.op === 'Gemm') graph.setAttributes(node, node.attributes.with({ beta: undefined }));
  return true;
}

/** Adds to the bias of a layer that has one for each channel. */
export function shiftBias(graph: Graph, { matrix, added }: BiasShift): void {
  const place = biasOf(graph, matrix);
  const old = place?.node.inputs[place.index];
  if (place == null || old?.constant == null) return;
  const numbers = toNumbers(old.constant.decode());
  const sums = encoded(
    matrix,
    added.map((number, row) => number + (numbers[row] ?? 0)),
    old.constant.dims,
  );
  if (graph.uses(old).size === 1) graph.replaceConstant(old, sums);
  else graph.setInput(place.node, place.index, graph.constant(sums, old.name));
}

function encoded({ weight }: LayerMatrix, numbers: Float64Array, dims?: readonly number[]): Encoding {
  return dense(tensorOf(weight.constant?.type ?? 'float32', numbers, dims));
}

/** Where the bias of a layer is that has a number for each channel. */
function biasOf(
  graph: Graph,
  { node, rows }: LayerMatrix,
): { readonly node: Node; readonly index: number } | null {
  const isFull = (reader: Node, index: number): boolean => {
    const dims = reader.inputs[index]?.constant?.dims ?? [];
    return dims.at(-1) === rows && dims.slice(0, -1).every((dim) => dim === 1);
  };
  if (node.op !== 'MatMul') {
    const isPlain = node.op !== 'Gemm' || node.attributes.float('beta', 1) === 1;
    return isPlain && isFull(node, 2) ? { node, index: 2 } : null;
  }
  const [product] = node.outputs;
  const [add] = graph.consumers(product);
  if (add?.op !== 'Add' || graph.uses(product).size !== 1) return null;
  const index = add.inputs[0] === product ? 1 : 0;
  return isFull(add, index) ? { node: add, index } : null;
}

/** The name of a result stays with what it means: docs/decisions/0005. */
function addBehind(graph: Graph, node: Node, bias: Value): void {
  const [product] = node.outputs;
  if (product == null) return;
  const { name } = product;
  const sum = graph.insertAfter(product, { op: 'Add' });
  const add = graph.producer(sum);
  if (add !== undefined) graph.setInput(add, 1, bias);
  graph.rename(product, `${name}_product`);
  graph.rename(sum, name);
}
