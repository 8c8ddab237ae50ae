import {
  type Attribute,
  float,
  floats,
  int,
  ints,
  string,
  type Tensor,
  tensorOf,
  toNumbers,
} from '@espalier/core';
import { describe, expect, test } from 'vitest';
import { readOnnx } from '../src/read-onnx.js';
import { writeOnnx } from '../src/write-onnx.js';
import { int64s, type ModelText, makeOnnx, randomTensor } from './make-onnx.js';
import { runInOnnxRuntime } from './onnx-runtime.js';

interface OldForm {
  readonly form: string;
  readonly op: string;
  readonly opset: number;
  readonly dims?: readonly (number | string)[];
  readonly feed?: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly constants?: readonly Tensor[];
  readonly outputs?: readonly string[];
  readonly type?: 'int32' | 'float32';
}

function modelOf({
  op,
  opset,
  dims = [2, 3, 4, 5],
  attributes = {},
  constants = [],
  outputs = ['y'],
}: OldForm): ModelText {
  const named = Object.fromEntries(constants.map((tensor, i) => [`c${i}`, tensor]));
  return {
    opset,
    inputs: { x: dims },
    outputs,
    constants: named,
    nodes: [{ op, name: 'n', inputs: ['x', ...Object.keys(named)], outputs, attributes }],
    types: Object.fromEntries(op === 'TopK' ? [['i', 'int64' as const]] : []),
  };
}

/** ONNX Runtime reads opset 7 and newer itself: it is the judge of what an old form means. */
const judged: readonly OldForm[] = [
  { form: 'Clip with attributes', op: 'Clip', opset: 7, attributes: { min: float(-0.5), max: float(0.75) } },
  { form: 'Clip with one attribute', op: 'Clip', opset: 10, attributes: { max: float(0.75) } },
  {
    form: 'Slice with attributes',
    op: 'Slice',
    opset: 9,
    attributes: { starts: ints([1, -3]), ends: ints([3, 2 ** 53 - 1]), axes: ints([1, 3]) },
  },
  {
    form: 'Slice with attributes without axes',
    op: 'Slice',
    opset: 7,
    attributes: { starts: ints([0, 1]), ends: ints([1, 3]) },
  },
  {
    form: 'Squeeze with axes',
    op: 'Squeeze',
    opset: 11,
    dims: [1, 3, 1, 2],
    attributes: { axes: ints([0, -2]) },
  },
  { form: 'Squeeze of all', op: 'Squeeze', opset: 7, dims: [1, 3, 1, 2] },
  { form: 'Unsqueeze with axes', op: 'Unsqueeze', opset: 9, attributes: { axes: ints([0, 5]) } },
  ...[
    'ReduceSum',
    'ReduceMean',
    'ReduceMax',
    'ReduceMin',
    'ReduceProd',
    'ReduceL1',
    'ReduceL2',
    'ReduceSumSquare',
    'ReduceLogSumExp',
  ].flatMap((op) => [
    { form: `${op} with axes`, op, opset: 7, attributes: { axes: ints([1, 2]), keepdims: int(0) } },
    { form: `${op} of all, opset 11`, op, opset: 11 },
    { form: `${op} with negative axes, opset 12`, op, opset: 12, attributes: { axes: ints([-1]) } },
  ]),
  ...['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((op) => [
    { form: `${op} over the default axis`, op, opset: 7 },
    { form: `${op} over the last axis`, op, opset: 9, attributes: { axis: int(3) } },
    { form: `${op} from axis 2`, op, opset: 11, attributes: { axis: int(2) } },
    { form: `${op} from axis 0`, op, opset: 12, attributes: { axis: int(0) } },
    {
      form: `${op} from axis -3 with a size known only at run time`,
      op,
      opset: 12,
      dims: ['N', 3, 4, 5],
      attributes: { axis: int(-3) },
    },
    { form: `${op} over [N, C, 1, 1]`, op, opset: 8, dims: [2, 7, 1, 1], feed: [2, 7, 1, 1] },
  ]),
  {
    form: 'Upsample with a scales attribute',
    op: 'Upsample',
    opset: 7,
    attributes: { scales: floats([1, 1, 2, 3]) },
  },
  {
    form: 'Upsample, linear',
    op: 'Upsample',
    opset: 7,
    attributes: { scales: floats([1, 1, 2, 2.5]), mode: string('linear') },
  },
  {
    form: 'Upsample with a scales input',
    op: 'Upsample',
    opset: 9,
    constants: [tensorOf('float32', [1, 1, 1.5, 2])],
  },
  {
    form: 'Upsample, linear, scales input',
    op: 'Upsample',
    opset: 9,
    attributes: { mode: string('linear') },
    constants: [tensorOf('float32', [1, 1, 2, 3])],
  },
  { form: 'Resize-10 up', op: 'Resize', opset: 10, constants: [tensorOf('float32', [1, 1, 2, 3.5])] },
  { form: 'Resize-10 down', op: 'Resize', opset: 10, constants: [tensorOf('float32', [1, 1, 0.5, 0.7])] },
  {
    form: 'Resize-10 linear down',
    op: 'Resize',
    opset: 10,
    attributes: { mode: string('linear') },
    constants: [tensorOf('float32', [1, 1, 0.5, 0.7])],
  },
  {
    form: 'Resize-11 with empty roi and scales',
    op: 'Resize',
    opset: 11,
    constants: [tensorOf('float32', []), tensorOf('float32', []), int64s(2, 3, 7, 9)],
  },
  ...['floor', 'round_prefer_floor'].map((rounding) => ({
    form: `Resize-11 tf_half_pixel_for_nn, ${rounding}`,
    op: 'Resize',
    opset: 11,
    attributes: {
      coordinate_transformation_mode: string('tf_half_pixel_for_nn'),
      nearest_mode: string(rounding),
    },
    constants: [tensorOf('float32', []), tensorOf('float32', [1, 1, 2.5, 0.6])],
  })),
  {
    form: 'Pad with attributes',
    op: 'Pad',
    opset: 7,
    attributes: { pads: ints([0, 0, 1, 2, 0, 0, 3, 0]), value: float(1.5) },
  },
  {
    form: 'Pad with attributes, reflect',
    op: 'Pad',
    opset: 10,
    attributes: { pads: ints([0, 0, 1, 2, 0, 0, 3, 0]), mode: string('reflect') },
  },
  { form: 'TopK with k', op: 'TopK', opset: 7, attributes: { k: int(2), axis: int(2) }, outputs: ['y', 'i'] },
  { form: 'TopK-10', op: 'TopK', opset: 10, constants: [int64s(3)], outputs: ['y', 'i'] },
  {
    form: 'Split with lengths',
    op: 'Split',
    opset: 7,
    attributes: { axis: int(1), split: ints([1, 2]) },
    outputs: ['a', 'b'],
  },
  { form: 'Split in equal parts', op: 'Split', opset: 11, attributes: { axis: int(2) }, outputs: ['a', 'b'] },
  {
    form: 'Split-13 in equal parts',
    op: 'Split',
    opset: 13,
    attributes: { axis: int(-2) },
    outputs: ['a', 'b'],
  },
  {
    form: 'Split-13 with lengths',
    op: 'Split',
    opset: 13,
    attributes: { axis: int(3) },
    constants: [int64s(2, 3)],
    outputs: ['a', 'b'],
  },
  {
    form: 'BatchNormalization-7',
    op: 'BatchNormalization',
    opset: 7,
    constants: [[1], [2], [3]].map(([s]) => randomTensor([3], s)).concat(tensorOf('float32', [0.5, 1, 2])),
  },
  {
    form: 'BatchNormalization-9',
    op: 'BatchNormalization',
    opset: 9,
    attributes: { epsilon: float(0.1) },
    constants: [[1], [2], [3]].map(([s]) => randomTensor([3], s)).concat(tensorOf('float32', [0.5, 1, 2])),
  },
  { form: 'Dropout-7', op: 'Dropout', opset: 7, attributes: { ratio: float(0.3) } },
  { form: 'Dropout-10', op: 'Dropout', opset: 10 },
  { form: 'PRelu-7', op: 'PRelu', opset: 7, constants: [randomTensor([3, 1, 1])] },
  {
    form: 'Gemm-7 with a row added',
    op: 'Gemm',
    opset: 7,
    dims: [4, 3],
    attributes: { alpha: float(0.5), transB: int(1) },
    constants: [randomTensor([5, 3]), randomTensor([5], 2)],
  },
  { form: 'Flatten of a negative axis', op: 'Flatten', opset: 11, attributes: { axis: int(-2) } },
  {
    form: 'AveragePool-7',
    op: 'AveragePool',
    opset: 7,
    attributes: { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) },
  },
  {
    form: 'AveragePool-10 with ceil_mode',
    op: 'AveragePool',
    opset: 10,
    attributes: {
      kernel_shape: ints([2, 2]),
      strides: ints([2, 2]),
      ceil_mode: int(1),
      count_include_pad: int(1),
    },
  },
  {
    form: 'MaxPool-8',
    op: 'MaxPool',
    opset: 8,
    attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]), auto_pad: string('SAME_UPPER') },
  },
  { form: 'LpPool-2', op: 'LpPool', opset: 7, attributes: { kernel_shape: ints([2, 2]), p: int(1) } },
  {
    form: 'Conv-1',
    op: 'Conv',
    opset: 7,
    attributes: { auto_pad: string('SAME_LOWER') },
    constants: [randomTensor([4, 3, 2, 2])],
  },
  {
    form: 'ConvTranspose-1',
    op: 'ConvTranspose',
    opset: 7,
    attributes: { strides: ints([2, 2]), output_padding: ints([1, 0]) },
    constants: [randomTensor([3, 4, 3, 3])],
  },
  {
    form: 'ConvTranspose-1 with an output shape',
    op: 'ConvTranspose',
    opset: 7,
    attributes: { strides: ints([2, 2]), output_shape: ints([8, 10]) },
    constants: [randomTensor([3, 4, 3, 3])],
  },
  {
    form: 'GroupNormalization-18',
    op: 'GroupNormalization',
    opset: 18,
    dims: [2, 6, 4, 5],
    attributes: { num_groups: int(3), epsilon: float(0.01) },
    constants: [randomTensor([3]), randomTensor([3], 2)],
  },
  { form: 'Cast-9', op: 'Cast', opset: 9, attributes: { to: int(1) } },
  {
    form: 'GridSample-16',
    op: 'GridSample',
    opset: 16,
    attributes: { mode: string('bicubic') },
    constants: [randomTensor([2, 3, 3, 2])],
  },
  {
    form: 'RoiAlign-10',
    op: 'RoiAlign',
    opset: 10,
    attributes: { output_height: int(2), output_width: int(2) },
    constants: [tensorOf('float32', [0, 0, 3, 3, 1, 1, 2, 3], [2, 4]), int64s(0, 1)],
  },
  {
    form: 'QuantizeLinear-10',
    op: 'QuantizeLinear',
    opset: 10,
    constants: [tensorOf('float32', [0.1], []), tensorOf('uint8', [7], [])],
  },
  {
    form: 'LSTM-7',
    op: 'LSTM',
    opset: 7,
    dims: [4, 2, 3],
    attributes: { hidden_size: int(5) },
    constants: [randomTensor([1, 20, 3]), randomTensor([1, 20, 5], 2)],
  },
  {
    form: 'GRU-7',
    op: 'GRU',
    opset: 7,
    dims: [4, 2, 3],
    attributes: { hidden_size: int(5), linear_before_reset: int(1) },
    constants: [randomTensor([1, 15, 3]), randomTensor([1, 15, 5], 2)],
  },
  {
    form: 'Scatter-9',
    op: 'Scatter',
    opset: 9,
    dims: [3, 3],
    attributes: { axis: int(1) },
    constants: [int64s(1, 0, 2).reshape([3, 1]), randomTensor([3, 1])],
  },
  { form: 'Reshape-5', op: 'Reshape', opset: 7, constants: [int64s(0, -1)] },
  { form: 'DFT-17', op: 'DFT', opset: 17, dims: [2, 4, 3, 1], attributes: { axis: int(2) } },
  { form: 'Tile-6', op: 'Tile', opset: 7, constants: [int64s(1, 2, 1, 2)] },
];

describe('an old form computes, rewritten, what ONNX Runtime computes from it', () => {
  test.each(judged)('$form (opset $opset)', async (entry) => {
    const text = modelOf(entry);
    if (entry.op === 'QuantizeLinear') Object.assign(text, { types: { y: 'uint8' } });
    const original = makeOnnx(text);
    const rewritten = writeOnnx(await readOnnx(original));
    const dims = entry.feed ?? (entry.dims ?? [2, 3, 4, 5]).map((dim) => (typeof dim === 'number' ? dim : 2));
    const x = randomTensor(dims, 7);
    const [before, after] = [
      await runInOnnxRuntime(original, { x }),
      await runInOnnxRuntime(rewritten, { x }),
    ];
    for (const name of text.outputs) {
      expect(after[name]?.dims).toEqual(before[name]?.dims);
      const [expected, actual] = [before[name]?.data ?? [], after[name]?.data ?? []];
      // The same sums in another order at most: a few units of float32 in sums of up to 60 terms.
      for (let i = 0; i < expected.length; i++) {
        expect(Math.abs(Number(actual[i]) - Number(expected[i]))).toBeLessThanOrEqual(
          1e-5 * (1 + Math.abs(Number(expected[i]))),
        );
      }
    }
  });
});

/** Opsets before 7: the meaning is the specification's, worked out by hand. */
async function compute(
  text: ModelText,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<{ dims: number[]; data: number[] }> {
  const outputs = await runInOnnxRuntime(writeOnnx(await readOnnx(makeOnnx({ ir: 3, ...text }))), feeds);
  const [y] = Object.values(outputs);
  return { dims: [...(y?.dims ?? [])], data: Array.from(y?.data ?? [], Number) };
}

const six = tensorOf('float32', [1, 2, 3, 4, 5, 6], [2, 3]);

describe('opsets before 7', () => {
  test('Add along an inner axis adds one number to each row', async () => {
    const text: ModelText = {
      opset: 6,
      inputs: { x: [2, 3], b: [2] },
      outputs: ['y'],
      nodes: [
        { op: 'Add', inputs: ['x', 'b'], outputs: ['y'], attributes: { broadcast: int(1), axis: int(0) } },
      ],
    };
    expect((await compute(text, { x: six, b: tensorOf('float32', [10, 20]) })).data).toEqual([
      11, 12, 13, 24, 25, 26,
    ]);
  });

  test('Mul along an inner axis of a constant needs no node to place it', async () => {
    const text: ModelText = {
      opset: 1,
      inputs: { x: [1, 2, 3] },
      constants: { b: tensorOf('float32', [2, 3]) },
      outputs: ['y'],
      nodes: [
        {
          op: 'Mul',
          inputs: ['x', 'b'],
          outputs: ['y'],
          attributes: { broadcast: int(1), axis: int(1), consumed_inputs: ints([0, 0]) },
        },
      ],
    };
    const model = await readOnnx(makeOnnx({ ir: 3, ...text }));
    expect(model.graph.nodes.map((node) => node.op)).toEqual(['Mul']);
    expect((await compute(text, { x: six.reshape([1, 2, 3]) })).data).toEqual([2, 4, 6, 12, 15, 18]);
  });

  test('Sub without an axis matches the last dimensions', async () => {
    const text: ModelText = {
      opset: 6,
      inputs: { x: [2, 3] },
      constants: { b: tensorOf('float32', [1, 2, 3]) },
      outputs: ['y'],
      nodes: [{ op: 'Sub', inputs: ['x', 'b'], outputs: ['y'], attributes: { broadcast: int(1) } }],
    };
    expect((await compute(text, { x: six })).data).toEqual([0, 0, 0, 3, 3, 3]);
  });

  test('PRelu has one slope for each channel', async () => {
    const text: ModelText = {
      opset: 6,
      inputs: { x: [1, 2, 3] },
      constants: { s: tensorOf('float32', [10, 100]) },
      outputs: ['y'],
      nodes: [{ op: 'PRelu', inputs: ['x', 's'], outputs: ['y'] }],
    };
    const x = tensorOf('float32', [-1, 2, -3, -4, 5, -6], [1, 2, 3]);
    expect((await compute(text, { x })).data).toEqual([-10, 2, -30, -400, 5, -600]);
  });

  test('Pad has paddings, Reshape a shape, Cast a name, Concat axis 1, Tile an axis', async () => {
    const one = (
      op: string,
      attributes: Readonly<Record<string, Attribute>>,
      inputs: readonly string[] = ['x'],
    ): ModelText => ({
      opset: 1,
      inputs: { x: [2, 3] },
      outputs: ['y'],
      nodes: [{ op, inputs, outputs: ['y'], attributes }],
    });
    expect(await compute(one('Pad', { paddings: ints([0, 1, 0, 0]), value: float(9) }), { x: six })).toEqual({
      dims: [2, 4],
      data: [9, 1, 2, 3, 9, 4, 5, 6],
    });
    expect((await compute(one('Reshape', { shape: ints([3, -1]) }), { x: six })).dims).toEqual([3, 2]);
    expect(
      (await compute({ ...one('Cast', { to: string('INT32') }), types: { y: 'int32' } }, { x: six })).data,
    ).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await compute(one('Concat', {}, ['x', 'x']), { x: six })).dims).toEqual([2, 6]);
    const tiles = { tiles: tensorOf('float32', [2], []), axis: tensorOf('float32', [1], []) };
    expect(
      (await compute({ ...one('Tile', {}, ['x', 'tiles', 'axis']), constants: tiles }, { x: six })).dims,
    ).toEqual([2, 6]);
  });

  test('Upsample has two factors', async () => {
    const text: ModelText = {
      opset: 1,
      inputs: { x: [1, 1, 1, 2] },
      outputs: ['y'],
      nodes: [
        {
          op: 'Upsample',
          inputs: ['x'],
          outputs: ['y'],
          attributes: { height_scale: float(2), width_scale: float(2) },
        },
      ],
    };
    expect(await compute(text, { x: tensorOf('float32', [1, 2], [1, 1, 1, 2]) })).toEqual({
      dims: [1, 1, 2, 4],
      data: [1, 1, 2, 2, 1, 1, 2, 2],
    });
  });

  test('BatchNormalization with spatial=0 has statistics for each activation', async () => {
    const per = (values: readonly number[]) => tensorOf('float32', values, [3]);
    const text: ModelText = {
      opset: 6,
      inputs: { x: [2, 3, 1] },
      outputs: ['y'],
      constants: {
        s: per([1, 2, 3]).reshape([3, 1]),
        b: per([1, 1, 1]).reshape([3, 1]),
        m: per([1, 2, 3]).reshape([3, 1]),
        v: per([1, 4, 9]).reshape([3, 1]),
      },
      nodes: [
        {
          op: 'BatchNormalization',
          inputs: ['x', 's', 'b', 'm', 'v'],
          outputs: ['y'],
          attributes: { spatial: int(0), is_test: int(1), epsilon: float(0) },
        },
      ],
    };
    expect((await compute(text, { x: six.reshape([2, 3, 1]) })).data).toEqual([1, 1, 1, 4, 4, 4]);
  });

  test('Selu has defaults of four decimals', async () => {
    const text: ModelText = {
      opset: 1,
      inputs: { x: [1] },
      outputs: ['y'],
      nodes: [{ op: 'Selu', inputs: ['x'], outputs: ['y'] }],
    };
    const { graph } = await readOnnx(makeOnnx({ ir: 3, ...text }));
    expect(graph.nodes[0]?.attributes.float('alpha')).toBe(Math.fround(1.6732));
  });

  test('initializers that are inputs too are constants', async () => {
    const text: ModelText = {
      opset: 6,
      ir: 3,
      inputs: { x: [2, 3], w: [2, 3] },
      constants: { w: six },
      outputs: ['y'],
      nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    };
    const { graph } = await readOnnx(makeOnnx(text));
    expect(graph.inputs.map((value) => value.name)).toEqual(['x']);
    expect(Array.from(toNumbers(graph.value('w')?.constant?.decode() ?? six))).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('what has no counterpart in the newest opset is refused by name', () => {
  test.each([
    {
      form: 'tf_half_pixel_for_nn with ceil',
      op: 'Resize',
      opset: 11,
      attributes: {
        coordinate_transformation_mode: string('tf_half_pixel_for_nn'),
        nearest_mode: string('ceil'),
      },
      constants: [tensorOf('float32', []), tensorOf('float32', [1, 1, 2, 2])],
    },
    { form: 'a norm of order 2.5', op: 'GlobalLpPool', opset: 1, attributes: { p: float(2.5) } },
    { form: 'Split-1 without an axis', op: 'Split', opset: 1, outputs: ['a', 'b'] },
    { form: 'Cast to bfloat16', op: 'Cast', opset: 13, attributes: { to: int(16) } },
    { form: 'If', op: 'If', opset: 13 },
    { form: 'an operator from nowhere', op: 'Frobnicate', opset: 13 },
  ] as readonly OldForm[])('$form', async (entry) => {
    await expect(readOnnx(makeOnnx(modelOf(entry)))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      where: expect.stringContaining(`node "n" (${entry.op}`),
    });
  });
});
