import { elementCount, type Node, type Tensor, toFloat32, toNumbers, type Value } from '@espalier/core';

/** The constant weights of a layer as a matrix: which output and input channel each element belongs to. */
export interface LayerMatrix {
  readonly node: Node;
  readonly weight: Value;
  readonly values: Float32Array;
  readonly rows: number;
  rowOf(element: number): number;
  columnOf(element: number): number;
}

/** The matrix of Conv, ConvTranspose, Gemm or MatMul; null for other nodes, and where it is not constant. */
export function layerMatrix(node: Node): LayerMatrix | null {
  const weight = node.inputs[1];
  if (node.domain !== '' || weight?.constant == null || node.inputs[0]?.constant != null) return null;
  const { dims } = weight.constant;
  const places = placesOf(node, dims);
  return places && { node, weight, values: toFloat32(weight.constant.decode()), ...places };
}

type Places = Pick<LayerMatrix, 'rows' | 'rowOf' | 'columnOf'>;

function placesOf({ op, attributes }: Node, dims: readonly number[]): Places | null {
  const [first = 0, second = 0] = dims;
  const groups = attributes.int('group', 1);
  const inner = elementCount(dims.slice(2));
  const major = (i: number): number => Math.floor(i / (inner * second));
  const minor = (i: number): number => Math.floor(i / inner) % second;
  // Channels of the group that an element of the first dimension belongs to.
  const grouped = (i: number): number => Math.floor(major(i) / (first / groups)) * second + minor(i);
  switch (op) {
    case 'Conv':
      return { rows: first, rowOf: major, columnOf: grouped };
    case 'ConvTranspose':
      return { rows: second * groups, rowOf: grouped, columnOf: major };
    case 'Gemm':
      if (attributes.int('transA', 0) !== 0) return null;
      return attributes.int('transB', 0) === 0
        ? { rows: second, rowOf: minor, columnOf: major }
        : { rows: first, rowOf: major, columnOf: minor };
    case 'MatMul':
      return dims.length === 2 ? { rows: second, rowOf: minor, columnOf: major } : null;
    default:
      return null;
  }
}

/**
 * What a layer adds to each output channel; null where that is computed, or differs from place to place.
 *
 * @returns one for each row of the matrix, in double
 */
export function layerBias({ node, rows }: LayerMatrix): Float64Array | null {
  const none = new Float64Array(rows);
  const bias = node.op === 'MatMul' ? null : node.inputs[2];
  if (bias == null) return none;
  const tensor = bias.constant?.decode();
  if (tensor === undefined || !isRow(tensor, rows)) return null;
  const numbers = toNumbers(tensor);
  const factor = node.op === 'Gemm' ? node.attributes.float('beta', 1) : 1;
  return none.map((_, row) => factor * (numbers[numbers.length === 1 ? 0 : row] ?? 0));
}

function isRow({ size, dims }: Tensor, rows: number): boolean {
  return size === 1 || (size === rows && dims.at(-1) === rows);
}
