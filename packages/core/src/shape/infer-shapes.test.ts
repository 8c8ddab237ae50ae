import { describe, expect, test } from 'vitest';
import { type Attribute, int, ints, string, tensor } from '../ir/attributes.js';
import { Graph } from '../ir/graph.js';
import { Model } from '../ir/model.js';
import type { Value } from '../ir/node.js';
import { type Dim, printType, quantization } from '../ir/value-type.js';
import type { DataType } from '../tensor/data-type.js';
import { tensorOf, zeros } from '../tensor/tensor.js';
import { inferShapes } from './infer-shapes.js';
import { macCount, modelParameterCount } from './mac-count.js';

type Operand = readonly Dim[] | { readonly list: readonly number[]; readonly dtype?: DataType } | null;

const list = (...values: number[]): Operand => ({ list: values });
const scales = (...values: number[]): Operand => ({ list: values, dtype: 'float32' });

/** A graph of one node: arrays become inputs of that shape, lists become constants. */
function single(
  op: string,
  operands: readonly Operand[],
  attributes: Record<string, Attribute> = {},
  outputs = 1,
): Model {
  const graph = new Graph();
  const inputs = operands.map((operand, i): Value | null => {
    if (operand === null) return null;
    if ('list' in operand) return graph.constant(tensorOf(operand.dtype ?? 'int64', operand.list));
    return graph.addInput(`i${i}`, { dtype: 'float32', dims: operand });
  });
  const values = Array.from({ length: outputs }, (_, i) => graph.addValue(`o${i}`));
  graph.addNode({ op, name: 'n', inputs, outputs: values, attributes });
  for (const value of values) graph.addOutput(value);
  return new Model(graph);
}

function outputTypes(model: Model): string {
  inferShapes(model);
  return model.graph.outputs.map((value) => printType(value.type)).join(' ');
}

interface Case {
  readonly op: string;
  readonly in: readonly Operand[];
  readonly with?: Record<string, Attribute>;
  readonly out: string;
  readonly outputs?: number;
}

const image: Operand = ['N', 3, 32, 32];
const table: readonly Case[] = [
  { op: 'Relu', in: [image], out: 'float32[N, 3, 32, 32]' },
  { op: 'Add', in: [image, [3, 1, 1]], out: 'float32[N, 3, 32, 32]' },
  {
    op: 'Add',
    in: [
      ['N', 1],
      ['M', 5],
    ],
    out: 'float32[?, 5]',
  },
  {
    op: 'Add',
    in: [
      ['?', 4],
      [1, 4],
    ],
    out: 'float32[?, 4]',
  },
  {
    op: 'Greater',
    in: [
      [2, 1],
      [1, 3],
    ],
    out: 'bool[2, 3]',
  },
  { op: 'Conv', in: [image, [8, 3, 3, 3]], out: 'float32[N, 8, 30, 30]' },
  {
    op: 'Conv',
    in: [image, [8, 3, 3, 3], [8]],
    with: { pads: ints([1, 1, 1, 1]), strides: ints([2, 2]) },
    out: 'float32[N, 8, 16, 16]',
  },
  {
    op: 'Conv',
    in: [image, [8, 3, 3, 3]],
    with: { auto_pad: string('SAME_UPPER'), strides: ints([3, 3]) },
    out: 'float32[N, 8, 11, 11]',
  },
  { op: 'Conv', in: [image, [8, 3, 3, 3]], with: { dilations: ints([2, 2]) }, out: 'float32[N, 8, 28, 28]' },
  {
    op: 'Conv',
    in: [
      ['N', 4, 'H', 'W'],
      [4, 1, 3, 3],
    ],
    with: { group: int(4), pads: ints([1, 1, 1, 1]) },
    out: 'float32[N, 4, H, W]',
  },
  {
    op: 'Conv',
    in: [
      ['N', 4, 'H', 'W'],
      [4, 4, 3, 3],
    ],
    with: { strides: ints([2, 2]) },
    out: 'float32[N, 4, ?, ?]',
  },
  {
    op: 'ConvTranspose',
    in: [
      [1, 8, 5, 5],
      [8, 2, 3, 3],
    ],
    with: { strides: ints([2, 2]), pads: ints([1, 1, 1, 1]), output_padding: ints([1, 1]) },
    out: 'float32[1, 2, 10, 10]',
  },
  // ONNX MaxPool: ceil((7 - 2) / 3) + 1 = 3, and the third window starts at 6, inside of 7 elements.
  {
    op: 'MaxPool',
    in: [[1, 1, 7]],
    with: { kernel_shape: ints([2]), strides: ints([3]), ceil_mode: int(1) },
    out: 'float32[1, 1, 3]',
  },
  // ceil((2 + 2 - 1) / 2) + 1 = 3, but the third window would start at 4: in the padding behind.
  {
    op: 'MaxPool',
    in: [[1, 1, 2]],
    with: { kernel_shape: ints([1]), strides: ints([2]), pads: ints([1, 1]), ceil_mode: int(1) },
    out: 'float32[1, 1, 2]',
  },
  {
    op: 'MaxPool',
    in: [image],
    with: { kernel_shape: ints([2, 2]), strides: ints([2, 2]) },
    outputs: 2,
    out: 'float32[N, 3, 16, 16] int64[N, 3, 16, 16]',
  },
  { op: 'GlobalAveragePool', in: [image], out: 'float32[N, 3, 1, 1]' },
  {
    op: 'MatMul',
    in: [
      ['N', 2, 3],
      [3, 4],
    ],
    out: 'float32[N, 2, 4]',
  },
  { op: 'MatMul', in: [[3], [5, 3, 4]], out: 'float32[5, 4]' },
  { op: 'MatMul', in: [[5, 2, 3], [3]], out: 'float32[5, 2]' },
  { op: 'Gemm', in: [['N', 3], [4, 3], [4]], with: { transB: int(1) }, out: 'float32[N, 4]' },
  {
    op: 'Einsum',
    in: [
      ['B', 2, 3],
      ['B', 3, 4],
    ],
    with: { equation: string('bij,bjk->bik') },
    out: 'float32[B, 2, 4]',
  },
  { op: 'Einsum', in: [[7, 2, 3]], with: { equation: string('...ij') }, out: 'float32[7, 2, 3]' },
  { op: 'ReduceMean', in: [image, list(2, 3)], with: { keepdims: int(0) }, out: 'float32[N, 3]' },
  { op: 'ReduceSum', in: [image], out: 'float32[1, 1, 1, 1]' },
  { op: 'ReduceSum', in: [image], with: { noop_with_empty_axes: int(1) }, out: 'float32[N, 3, 32, 32]' },
  { op: 'ArgMax', in: [image], with: { axis: int(1) }, out: 'int64[N, 1, 32, 32]' },
  { op: 'Reshape', in: [image, list(0, -1)], out: 'float32[N, 3072]' },
  { op: 'Reshape', in: [image, list(-1, 3072)], out: 'float32[N, 3072]' },
  { op: 'Reshape', in: [[2, 0], list(0, 5)], with: { allowzero: int(1) }, out: 'float32[0, 5]' },
  { op: 'Reshape', in: [image, ['?']], out: 'float32[...]' },
  { op: 'Flatten', in: [image], out: 'float32[N, 3072]' },
  { op: 'Squeeze', in: [['N', 1, 5], list(1)], out: 'float32[N, 5]' },
  { op: 'Squeeze', in: [['N', 1, 5]], out: 'float32[...]' },
  { op: 'Unsqueeze', in: [['N', 5], list(0, -1)], out: 'float32[1, N, 5, 1]' },
  { op: 'Transpose', in: [image], with: { perm: ints([0, 2, 3, 1]) }, out: 'float32[N, 32, 32, 3]' },
  {
    op: 'Concat',
    in: [
      ['N', 3],
      ['?', 4],
    ],
    with: { axis: int(1) },
    out: 'float32[N, 7]',
  },
  { op: 'Split', in: [[7, 2]], outputs: 3, out: 'float32[3, 2] float32[3, 2] float32[1, 2]' },
  {
    op: 'Split',
    in: [['N', 6], list(2, 4)],
    with: { axis: int(1) },
    outputs: 2,
    out: 'float32[N, 2] float32[N, 4]',
  },
  { op: 'Slice', in: [[10, 'N'], list(1), list(-1), list(0), list(3)], out: 'float32[3, N]' },
  { op: 'Slice', in: [[10], list(-1), list(-1000), list(0), list(-1)], out: 'float32[10]' },
  { op: 'Slice', in: [['N'], list(0), list(2 ** 31), list(0)], out: 'float32[N]' },
  {
    op: 'Gather',
    in: [
      ['N', 5],
      [2, 7],
    ],
    with: { axis: int(1) },
    out: 'float32[N, 2, 7]',
  },
  {
    op: 'GatherND',
    in: [
      [2, 3, 4],
      [5, 2],
    ],
    out: 'float32[5, 4]',
  },
  { op: 'TopK', in: [['N', 10], list(3)], outputs: 2, out: 'float32[N, 3] int64[N, 3]' },
  { op: 'Expand', in: [['N', 1], list(4, 1, 7)], out: 'float32[4, N, 7]' },
  { op: 'Tile', in: [['N', 2], list(1, 3)], out: 'float32[N, 6]' },
  { op: 'Pad', in: [image, list(0, 0, 1, 2, 0, 0, 1, 2)], out: 'float32[N, 3, 34, 36]' },
  { op: 'Pad', in: [image, list(1, 1), null, list(-1)], out: 'float32[N, 3, 32, 34]' },
  { op: 'Resize', in: [image, null, scales(1, 1, 2, 0.5)], out: 'float32[N, 3, 64, 16]' },
  { op: 'Resize', in: [[1, 1, 10], null, scales(1, 1, 0.7)], out: 'float32[1, 1, 7]' },
  { op: 'Resize', in: [image, null, null, list(1, 3, 8, 9)], out: 'float32[1, 3, 8, 9]' },
  { op: 'DepthToSpace', in: [['N', 27, 2, 2]], with: { blocksize: int(3) }, out: 'float32[N, 3, 6, 6]' },
  { op: 'Range', in: [list(3), list(10), list(4)], out: 'int64[2]' },
  { op: 'Cast', in: [image], with: { to: int(7) }, out: 'int64[N, 3, 32, 32]' },
  {
    op: 'ConstantOfShape',
    in: [list(2, 3)],
    with: { value: tensor(tensorOf('uint8', [1])) },
    out: 'uint8[2, 3]',
  },
  {
    op: 'LSTM',
    in: [
      ['T', 'N', 3],
      [2, 20, 3],
      [2, 20, 5],
    ],
    with: { direction: string('bidirectional'), hidden_size: int(5) },
    outputs: 3,
    out: 'float32[T, 2, N, 5] float32[2, N, 5] float32[2, N, 5]',
  },
  {
    op: 'GRU',
    in: [
      ['N', 'T', 3],
      [1, 15, 3],
      [1, 15, 5],
    ],
    with: { layout: int(1) },
    outputs: 2,
    out: 'float32[N, T, 1, 5] float32[N, 1, 5]',
  },
  { op: 'LayerNormalization', in: [['N', 7, 8], [8]], outputs: 2, out: 'float32[N, 7, 8] float32[N, 7, 1]' },
  { op: 'QuantizeLinear', in: [image, scales(0.1)], out: 'uint8[N, 3, 32, 32]' },
  {
    op: 'Attention',
    in: [
      ['N', 4, 24],
      ['N', 6, 24],
      ['N', 6, 30],
    ],
    with: { q_num_heads: int(3), kv_num_heads: int(3) },
    out: 'float32[N, 4, 30]',
  },
  { op: 'NobodyKnows', in: [image], out: '?' },
];

describe('inferShapes', () => {
  test.each(table)('$op of $in gives $out', (row) => {
    expect(outputTypes(single(row.op, row.in, row.with, row.outputs))).toBe(row.out);
  });

  test.each([
    { op: 'Conv', in: [image, [8, 4, 3, 3]] },
    { op: 'Conv', in: [image, [8, 3, 3, 3], [7]] },
    {
      op: 'Conv',
      in: [
        [1, 3, 2, 2],
        [8, 3, 3, 3],
      ],
    },
    {
      op: 'ConvTranspose',
      in: [
        [1, 3, 2, 2],
        [8, 3, 3, 3],
      ],
    },
    {
      op: 'MatMul',
      in: [
        [2, 3],
        [4, 5],
      ],
    },
    {
      op: 'Gemm',
      in: [
        [2, 3],
        [4, 5],
      ],
    },
    {
      op: 'Add',
      in: [
        [2, 3],
        [2, 4],
      ],
    },
    {
      op: 'Concat',
      in: [
        [2, 3],
        [3, 3],
      ],
      with: { axis: int(1) },
    },
    { op: 'Reshape', in: [[2, 3], list(4, -1)] },
    { op: 'Reshape', in: [[2, 3], list(-1, -1)] },
    { op: 'Reshape', in: [[2, 3], list(7)] },
    { op: 'Softmax', in: [[2, 3], null], with: {}, fine: true },
    { op: 'Transpose', in: [[2, 3]], with: { perm: ints([0, 0]) } },
    { op: 'Squeeze', in: [[2, 3], list(0)] },
    { op: 'ReduceSum', in: [[2, 3], list(2)] },
    { op: 'BatchNormalization', in: [image, [3], [3], [4], [3]] },
    { op: 'Split', in: [[7], list(3, 3)] },
    { op: 'ConstantOfShape', in: [list(-3)] },
    { op: 'ConstantOfShape', in: [[2 ** 40]] },
    { op: 'Reshape', in: [[2, 3], [2 ** 40]] },
    { op: 'Slice', in: [[2, 3], [2 ** 40], [2 ** 40]] },
    {
      op: 'LSTM',
      in: [
        [1, 1, 3],
        [1, 20, 4],
        [1, 20, 5],
      ],
    },
  ] as (Omit<Case, 'out'> & { fine?: boolean })[])('$op of $in contradicts itself', (row) => {
    const infer = () => inferShapes(single(row.op, row.in, row.with));
    if (row.fine === true) expect(infer).not.toThrow();
    else
      expect(infer).toThrow(
        expect.objectContaining({ code: 'SHAPE', where: expect.stringContaining('"n"') }),
      );
  });

  test('a missing input and mixed types are model errors', () => {
    expect(() => inferShapes(single('Conv', [image]))).toThrow(expect.objectContaining({ code: 'MODEL' }));
    expect(() => inferShapes(single('Add', [[2], list(1, 2)]))).toThrow(
      expect.objectContaining({ code: 'MODEL' }),
    );
  });

  test('a target computed from the shape of an input resolves with the batch as a name', () => {
    const graph = new Graph();
    const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 8, 4, 4] });
    const shape = graph.apply({ op: 'Shape', inputs: [x] });
    const batch = graph.apply({ op: 'Gather', inputs: [shape, graph.constant(tensorOf('int64', [0], []))] });
    const rest = graph.apply({
      op: 'Slice',
      inputs: [shape, ...[1, 3, 0].map((i) => graph.constant(tensorOf('int64', [i])))],
    });
    const halves = graph.apply({ op: 'Div', inputs: [rest, graph.constant(tensorOf('int64', [2]))] });
    const row = graph.apply({ op: 'Unsqueeze', inputs: [batch, graph.constant(tensorOf('int64', [0]))] });
    const target = graph.apply({
      op: 'Concat',
      inputs: [row, halves, graph.constant(tensorOf('int64', [-1]))],
      attributes: { axis: int(0) },
    });
    const y = graph.apply({ op: 'Reshape', inputs: [x, target] });
    graph.addOutput(y);
    const facts = inferShapes(new Model(graph));
    expect(facts.contents(target)).toEqual(['N', 4, 2, -1]);
    expect(printType(y.type)).toBe('float32[N, 4, 2, 16]');
  });

  test('sizes given for an input replace its name everywhere', () => {
    const model = single('Add', [
      ['N', 4],
      ['N', 1],
    ]);
    inferShapes(model);
    inferShapes(model, { inputs: { i0: [3, 4] } });
    expect(model.graph.inputs.map((input) => printType(input.type))).toEqual([
      'float32[3, 4]',
      'float32[3, 1]',
    ]);
    expect(outputTypes(model)).toBe('float32[3, 4]');
    expect(() => inferShapes(model, { inputs: { i0: [2, 4] } })).toThrow(
      expect.objectContaining({ code: 'SHAPE' }),
    );
    expect(() => inferShapes(model, { inputs: { nobody: [2] } })).toThrow(
      expect.objectContaining({ code: 'SHAPE' }),
    );
  });

  test('what is declared is refined, and keeps its names and its quantization', () => {
    const model = single('Relu', [['?', 3]]);
    const [y] = model.graph.outputs;
    if (y === undefined) throw new Error('no output');
    const q = quantization({ scale: 0.5 });
    model.graph.setType(y, { dtype: 'float32', dims: ['batch', '?'], quantization: q });
    inferShapes(model);
    expect(y.type).toEqual({ dtype: 'float32', dims: ['batch', 3], quantization: q });
  });

  test('a declared type that contradicts is thrown, or told and replaced', () => {
    const model = single('Relu', [[2, 3]]);
    const [y] = model.graph.outputs;
    if (y === undefined) throw new Error('no output');
    model.graph.setType(y, { dtype: 'float32', dims: [3, 2] });
    expect(() => inferShapes(model)).toThrow(/declared as float32\[3, 2\].*computed as float32\[2, 3\]/);
    const told: string[] = [];
    inferShapes(model, { onContradiction: (error) => told.push(error.code) });
    expect(told).toEqual(['SHAPE']);
    expect(printType(y.type)).toBe('float32[2, 3]');
  });
});

describe('macCount', () => {
  test.each([
    {
      op: 'Conv',
      in: [
        [1, 3, 8, 8],
        [4, 3, 3, 3],
      ],
      macs: 4 * 36 * 27,
    },
    {
      op: 'Conv',
      in: [
        [1, 4, 8, 8],
        [4, 1, 3, 3],
      ],
      with: { group: int(4) },
      macs: 4 * 36 * 9,
    },
    {
      op: 'ConvTranspose',
      in: [
        [1, 3, 8, 8],
        [3, 5, 2, 2],
      ],
      macs: 3 * 64 * 5 * 4,
    },
    {
      op: 'Gemm',
      in: [
        [5, 7],
        [7, 3],
      ],
      macs: 105,
    },
    {
      op: 'Gemm',
      in: [
        [7, 5],
        [7, 3],
      ],
      with: { transA: int(1) },
      macs: 105,
    },
    {
      op: 'MatMul',
      in: [
        [2, 5, 7],
        [7, 3],
      ],
      macs: 210,
    },
    {
      op: 'LSTM',
      in: [
        [6, 2, 3],
        [1, 20, 3],
        [1, 20, 5],
      ],
      macs: 12 * 20 * 8,
    },
    { op: 'Relu', in: [[5, 7]], macs: 0 },
    {
      op: 'MatMul',
      in: [
        ['N', 7],
        [7, 3],
      ],
      macs: null,
    },
  ] as (Omit<Case, 'out'> & { macs: number | null })[])('$op of $in takes $macs', (row) => {
    const model = single(row.op, row.in, row.with);
    inferShapes(model);
    const [node] = model.graph.nodes;
    expect(node && macCount(node)).toBe(row.macs);
  });

  test('shared parameters count once, axes and shapes not at all', () => {
    const graph = new Graph();
    const x = graph.addInput('x', { dtype: 'float32', dims: [2, 4] });
    const w = graph.constant(zeros('float32', [4, 4]));
    const once = graph.apply({ op: 'MatMul', inputs: [x, w] });
    const twice = graph.apply({ op: 'MatMul', inputs: [once, w] });
    graph.addOutput(graph.apply({ op: 'Reshape', inputs: [twice, graph.constant(tensorOf('int64', [-1]))] }));
    expect(modelParameterCount(new Model(graph))).toBe(16);
  });
});
