import {
  AffineEncoding,
  affine,
  dense,
  float,
  type Graph,
  gapsOf,
  int,
  ints,
  type Model,
  quantization,
  sparse,
  string,
  Tensor,
} from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runOnEveryBinary } from './support/binaries.js';
import { input, integerWeights, numbers, oneOp, onGrid, q, reals, reference } from './support/one-op.js';

/** Codes apart from the meaning of the IR, at most. */
async function worstCode(model: Model, feeds: Readonly<Record<string, Tensor>>, op: string): Promise<number> {
  const { outputs, plan } = await runOnEveryBinary(model, feeds);
  expect(plan.find((line) => line.op === op)?.implementation).toBe('int8');
  const name = model.graph.outputs[0]?.name ?? '';
  const scale = model.graph.outputs[0]?.type?.quantization?.scale[0] ?? 1;
  const onTheGrid: Record<string, Tensor> = {};
  for (const value of model.graph.inputs) {
    const feed = feeds[value.name];
    const grid = value.type?.quantization;
    if (feed !== undefined)
      onTheGrid[value.name] =
        grid === undefined
          ? feed
          : snap(feed, grid.scale[0] ?? 1, grid.zeroPoint[0] ?? 0, grid.storageType === 'uint8');
  }
  const actual = outputs[name];
  const expected = reference(model, onTheGrid).get(name);
  expect(actual?.dims).toEqual(expected?.dims);
  const differences = Array.from(
    actual?.data as Float32Array,
    (x, i) => Math.abs(x - Number(expected?.data[i])) / scale,
  );
  return Math.max(0, ...differences.map(Math.round));
}

/** QuantizeLinear and DequantizeLinear, spelled out: what feeding a quantized input means. */
function snap(x: Tensor, scale: number, zero: number, unsigned: boolean): Tensor {
  const [low, high] = unsigned ? [0, 255] : [-128, 127];
  return new Tensor(
    'float32',
    Float32Array.from(x.data as Float32Array, (v) => {
      const scaled = Math.fround(v / scale);
      const floor = Math.floor(scaled);
      const rest = scaled - floor;
      const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
      return scale * (Math.min(Math.max(rounded + zero, low), high) - zero);
    }),
    x.dims,
  );
}

describe('int8 steps agree with quantize(op(dequantize(x))) within one code', () => {
  test('Conv with any kernel, stride, padding, groups and batch', async () => {
    const shapes = fc.record({
      seed: fc.integer(),
      batch: fc.integer({ min: 1, max: 2 }),
      groups: fc.constantFrom(1, 1, 2, 4),
      perGroup: fc.integer({ min: 1, max: 5 }),
      outPerGroup: fc.integer({ min: 1, max: 5 }),
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 2 }),
      pad: fc.integer({ min: 0, max: 1 }),
      height: fc.integer({ min: 3, max: 9 }),
      width: fc.integer({ min: 3, max: 9 }),
      bias: fc.boolean(),
      perChannel: fc.boolean(),
      unsigned: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async (s) => {
        const next = numbers(s.seed);
        const channels = s.groups * s.perGroup;
        const outputs = s.groups * s.outPerGroup;
        const dims = [s.batch, channels, s.height, s.width];
        const model = oneOp({
          op: 'Conv',
          attributes: {
            group: int(s.groups),
            strides: ints([s.stride, s.stride]),
            pads: ints([s.pad, s.pad, s.pad, s.pad]),
            kernel_shape: ints([s.kernel, s.kernel]),
          },
          inputs: (graph) => [
            s.unsigned ? input(graph, dims, 0.02, 100, 'uint8') : input(graph, dims),
            integerWeights(graph, next, [outputs, s.perGroup, s.kernel, s.kernel], s.perChannel ? 0 : null),
            s.bias ? graph.constant(reals(next, [outputs]), 'b') : null,
          ],
          output: q(0.05, -10),
        });
        expect(await worstCode(model, { x: reals(next, dims, 2.5) }, 'Conv')).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  test('depthwise Conv', async () => {
    const next = numbers(7);
    const model = oneOp({
      op: 'Conv',
      attributes: { group: int(19), pads: ints([1, 1, 1, 1]), strides: ints([2, 2]) },
      inputs: (graph) => [
        input(graph, [2, 19, 8, 7]),
        integerWeights(graph, next, [19, 1, 3, 3], 0),
        graph.constant(reals(next, [19])),
      ],
      output: q(0.04, 3),
    });
    expect(await worstCode(model, { x: reals(next, [2, 19, 8, 7], 2.5) }, 'Conv')).toBeLessThanOrEqual(1);
  });

  test('Conv over rows, and Conv with asymmetric weights', async () => {
    const next = numbers(9);
    const rows = oneOp({
      op: 'Conv',
      attributes: { pads: ints([2, 0]), dilations: ints([2]) },
      inputs: (graph) => [input(graph, [1, 5, 20]), integerWeights(graph, next, [3, 5, 3], 0)],
      output: q(0.04, 3),
    });
    expect(await worstCode(rows, { x: reals(next, [1, 5, 20], 2.5) }, 'Conv')).toBeLessThanOrEqual(1);
    const asymmetric = oneOp({
      op: 'Conv',
      inputs: (graph) => {
        const codes = new Tensor(
          'uint8',
          Uint8Array.from({ length: 24 }, () => next() * 255),
          [2, 3, 2, 2],
        );
        const weights = affine(
          dense(codes),
          quantization({ scale: 0.01, zeroPoint: 120, storageType: 'uint8' }),
        );
        return [input(graph, [1, 3, 5, 5]), graph.constant(weights)];
      },
      output: q(0.04, 3),
    });
    expect(await worstCode(asymmetric, { x: reals(next, [1, 3, 5, 5], 2.5) }, 'Conv')).toBeLessThanOrEqual(1);
  });

  test('ConvTranspose, windows that are tiles among them', async () => {
    const shapes = fc.record({
      seed: fc.integer(),
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 5 }),
      outputs: fc.integer({ min: 1, max: 5 }),
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.constantFrom(1, 1, 2),
      pad: fc.constantFrom(0, 0, 1),
      isRow: fc.boolean(),
      perChannel: fc.boolean(),
      bias: fc.boolean(),
    });
    const tiles = {
      ...{ seed: 1, batch: 2, channels: 5, kernel: 2, stride: 2, dilation: 1, pad: 0 },
      ...{ isRow: false, perChannel: true, bias: true },
    };
    await fc.assert(
      fc.asyncProperty(shapes, async (s) => {
        const next = numbers(s.seed);
        const both = (value: number): number[] => (s.isRow ? [value] : [value, value]);
        const dims = [s.batch, s.channels, ...(s.isRow ? [6] : [4, 5])];
        const model = oneOp({
          op: 'ConvTranspose',
          attributes: {
            strides: ints(both(s.stride)),
            dilations: ints(both(s.dilation)),
            pads: ints([...both(s.pad), ...both(s.pad)]),
          },
          inputs: (graph) => [
            input(graph, dims),
            integerWeights(graph, next, [s.channels, s.outputs, ...both(s.kernel)], s.perChannel ? 1 : null),
            s.bias ? graph.constant(reals(next, [s.outputs]), 'b') : null,
          ],
          output: q(0.04, -10),
        });
        expect(await worstCode(model, { x: reals(next, dims, 2.5) }, 'ConvTranspose')).toBeLessThanOrEqual(1);
      }),
      {
        numRuns: 60,
        examples: [3, 1].map((outputs) => [{ ...tiles, outputs }]),
      },
    );
  });

  test.each([{ transB: 0 }, { transB: 1 }])('Gemm, transB $transB', async ({ transB }) => {
    const next = numbers(11);
    const model = oneOp({
      op: 'Gemm',
      attributes: { transB: int(transB) },
      inputs: (graph) => [
        input(graph, [5, 33]),
        integerWeights(graph, next, transB === 1 ? [10, 33] : [33, 10], 1 - transB),
        graph.constant(reals(next, [10])),
      ],
      output: q(0.1, 0),
    });
    expect(await worstCode(model, { x: reals(next, [5, 33], 2.5) }, 'Gemm')).toBeLessThanOrEqual(1);
  });

  test('MatMul by weights, and by another activation', async () => {
    const next = numbers(13);
    const weights = oneOp({
      op: 'MatMul',
      inputs: (graph) => [input(graph, [2, 3, 17]), integerWeights(graph, next, [17, 6], 1)],
      output: q(0.08, 1),
    });
    expect(await worstCode(weights, { x: reals(next, [2, 3, 17], 2) }, 'MatMul')).toBeLessThanOrEqual(1);
    const both = oneOp({
      op: 'MatMul',
      inputs: (graph) => [input(graph, [2, 3, 4, 9]), onGrid(graph, 'b', q(0.01, -20), [3, 9, 5])],
      output: q(0.05, 1),
    });
    const feeds = { x: reals(next, [2, 3, 4, 9], 2), b: reals(next, [3, 9, 5], 1) };
    expect(await worstCode(both, feeds, 'MatMul')).toBeLessThanOrEqual(1);
  });

  test.each([
    { op: 'Add', b: [2, 3, 4, 5] },
    { op: 'Add', b: [3, 1, 1] },
    { op: 'Add', b: [1] },
    { op: 'Sub', b: [2, 3, 4, 5] },
    { op: 'Sub', b: [3, 1, 1] },
    { op: 'Mul', b: [2, 3, 4, 5] },
    { op: 'Mul', b: [2, 3, 1, 1] },
    { op: 'Mul', b: [4, 5] },
    { op: 'Mul', b: [2, 1, 4, 5] },
  ])('$op with an operand of shape $b', async ({ op, b }) => {
    const next = numbers(17);
    for (const swapped of [false, true]) {
      const model = oneOp({
        op,
        inputs: (graph) => {
          const both = [input(graph, [2, 3, 4, 5]), onGrid(graph, 'b', q(0.013, 4), b)];
          return swapped ? both.reverse() : both;
        },
        output: q(0.03, 3),
      });
      const feeds = { x: reals(next, [2, 3, 4, 5], 2), b: reals(next, b, 1.5) };
      expect(await worstCode(model, feeds, op)).toBeLessThanOrEqual(1);
    }
  });

  test('Mul with a constant on a grid', async () => {
    const next = numbers(18);
    const model = oneOp({
      op: 'Mul',
      inputs: (graph) => [input(graph, [2, 3, 4]), integerWeights(graph, next, [3, 1], null)],
      output: q(0.01, 3),
    });
    expect(await worstCode(model, { x: reals(next, [2, 3, 4], 2) }, 'Mul')).toBeLessThanOrEqual(1);
  });

  test.each(['Relu', 'HardSwish', 'Sigmoid', 'Tanh', 'LeakyRelu', 'Abs', 'Identity'])(
    '%s is exact: it is a table',
    async (op) => {
      const next = numbers(19);
      const model = oneOp({ op, inputs: (graph) => [input(graph, [2, 3, 5, 4])], output: q(0.016, -8) });
      expect(await worstCode(model, { x: reals(next, [2, 3, 5, 4], 2.6) }, op)).toBe(0);
    },
  );

  test('Clip', async () => {
    const model = oneOp({
      op: 'Clip',
      inputs: (graph) => [
        input(graph, [1, 2, 9, 9]),
        graph.constant(new Tensor('float32', Float32Array.of(-0.3), [])),
        graph.constant(new Tensor('float32', Float32Array.of(0.7), [])),
      ],
      output: q(0.01, 0),
    });
    expect(await worstCode(model, { x: reals(numbers(20), [1, 2, 9, 9], 2.6) }, 'Clip')).toBe(0);
  });

  test.each([
    { op: 'MaxPool', ceil: 0, include: 0 },
    { op: 'MaxPool', ceil: 1, include: 0 },
    { op: 'AveragePool', ceil: 0, include: 0 },
    { op: 'AveragePool', ceil: 0, include: 1 },
    { op: 'AveragePool', ceil: 1, include: 0 },
  ])('$op, ceil_mode $ceil, count_include_pad $include, onto another grid', async ({ op, ceil, include }) => {
    const next = numbers(23);
    const model = oneOp({
      op,
      attributes: {
        kernel_shape: ints([3, 2]),
        strides: ints([2, 2]),
        pads: ints([1, 0, 1, 1]),
        ceil_mode: int(ceil),
        ...(op === 'AveragePool' ? { count_include_pad: int(include) } : {}),
      },
      inputs: (graph) => [input(graph, [2, 5, 8, 9])],
      output: q(0.025, -3),
    });
    expect(await worstCode(model, { x: reals(next, [2, 5, 8, 9], 2.6) }, op)).toBeLessThanOrEqual(1);
  });

  test('GlobalAveragePool, and ReduceMean over the same axes', async () => {
    const next = numbers(29);
    const feeds = { x: reals(next, [2, 5, 8, 9], 2.6) };
    const pool = oneOp({
      op: 'GlobalAveragePool',
      inputs: (graph) => [input(graph, [2, 5, 8, 9])],
      output: q(0.01),
    });
    expect(await worstCode(pool, feeds, 'GlobalAveragePool')).toBeLessThanOrEqual(1);
    const mean = oneOp({
      op: 'ReduceMean',
      attributes: { keepdims: int(0) },
      inputs: (graph) => [
        input(graph, [2, 5, 8, 9]),
        graph.constant(new Tensor('int64', BigInt64Array.of(2n, -1n))),
      ],
      output: q(0.01),
    });
    expect(await worstCode(mean, feeds, 'ReduceMean')).toBeLessThanOrEqual(1);
  });

  test.each([0, 1, 3])('Concat along axis %i of parts on different grids', async (axis) => {
    const next = numbers(31);
    const dims = [2, 3, 4, 5];
    const other = dims.map((dim, i) => (i === axis ? dim + 1 : dim));
    const model = oneOp({
      op: 'Concat',
      attributes: { axis: int(axis) },
      inputs: (graph) => [input(graph, dims), onGrid(graph, 'b', q(0.03, -3), other)],
      output: q(0.03, -3),
    });
    const feeds = { x: reals(next, dims, 2.6), b: reals(next, other, 2.6) };
    expect(await worstCode(model, feeds, 'Concat')).toBeLessThanOrEqual(1);
  });

  test.each([-1, 1])('Softmax along axis %i', async (axis) => {
    const model = oneOp({
      op: 'Softmax',
      attributes: { axis: int(axis) },
      inputs: (graph) => [input(graph, [3, 7, 5], 0.05)],
      output: q(1 / 256, -128),
    });
    expect(await worstCode(model, { x: reals(numbers(37), [3, 7, 5], 6) }, 'Softmax')).toBeLessThanOrEqual(1);
  });

  test('operators that move elements move codes', async () => {
    const next = numbers(41);
    const dims = [1, 4, 6, 6];
    const int64 = (...values: number[]) => new Tensor('int64', BigInt64Array.from(values, BigInt));
    const cases: readonly [string, Parameters<typeof oneOp>[0]['attributes'], readonly Tensor[]][] = [
      ['Reshape', {}, [int64(4, 36)]],
      ['Flatten', {}, []],
      ['Transpose', { perm: ints([0, 2, 3, 1]) }, []],
      ['Slice', {}, [int64(1, 0), int64(4, 6), int64(2, 3), int64(2, 1)]],
      ['Pad', {}, [int64(0, 1, 0, 0, 0, 1, 2, 0), new Tensor('float32', Float32Array.of(0.4), [])]],
      ['Pad', { mode: string('reflect') }, [int64(0, 0, 1, 1, 0, 0, 1, 1)]],
      ['DepthToSpace', { blocksize: int(2) }, []],
    ];
    for (const [op, attributes, others] of cases) {
      for (const output of [q(0.02, 5), q(0.031, -3)]) {
        const inputs = (graph: Graph) => [
          input(graph, dims),
          ...others.map((tensor) => graph.constant(tensor)),
        ];
        const model = oneOp({ op, attributes, inputs, output });
        expect(await worstCode(model, { x: reals(next, dims, 2.6) }, op)).toBe(0);
      }
    }
  });

  test.each([
    { mode: 'nearest', output: q(0.03, -4) },
    { mode: 'linear', output: q(0.02, 5) },
  ])('Resize, $mode', async ({ mode, output }) => {
    const scales = new Tensor('float32', Float32Array.of(1, 1, 2, 1.5));
    const model = oneOp({
      op: 'Resize',
      attributes: { mode: string(mode), coordinate_transformation_mode: string('half_pixel') },
      inputs: (graph) => [input(graph, [1, 3, 4, 4]), null, graph.constant(scales)],
      output,
    });
    const worst = await worstCode(model, { x: reals(numbers(43), [1, 3, 4, 4], 2.6) }, 'Resize');
    expect(worst).toBeLessThanOrEqual(mode === 'nearest' ? 0 : 1);
  });

  test('weights that are sparse over integers', async () => {
    const next = numbers(45);
    const model = oneOp({
      op: 'MatMul',
      inputs: (graph) => {
        const kept = Int8Array.from({ length: 12 }, () => Math.round(next() * 200) - 100);
        const values = affine(dense(new Tensor('int8', kept)), quantization({ scale: 0.01 }));
        const gaps = gapsOf(
          Uint32Array.from(kept, (_, i) => i * 3),
          40,
          255,
        );
        const weights = sparse(dense(new Tensor('uint8', gaps)), values, [8, 5], 255);
        return [input(graph, [2, 8]), graph.constant(weights)];
      },
      output: q(0.02, 5),
    });
    expect(await worstCode(model, { x: reals(next, [2, 8], 2.5) }, 'MatMul')).toBeLessThanOrEqual(1);
  });
});

test('a Relu behind a Conv is clamped in the Conv, and gives the same codes', async () => {
  const next = numbers(47);
  const build = () =>
    oneOp({
      op: 'Conv',
      inputs: (graph) => [input(graph, [1, 3, 6, 6]), integerWeights(graph, numbers(48), [4, 3, 3, 3], 0)],
      output: q(0.05, -10),
    });
  const model = build();
  const { graph } = model;
  const y = graph.outputs[0];
  if (y == null) throw new Error('no output');
  const z = onGrid(graph, 'z', q(0.05, -10));
  graph.setOutputs([]);
  graph.addNode({ op: 'Relu', name: 'relu', inputs: [y], outputs: [z] });
  graph.addOutput(z);
  const session = await InferenceSession.create(model);
  expect(session.plan).toEqual([
    { node: 'Conv', op: 'Conv', implementation: 'int8', fusedInto: null },
    { node: 'relu', op: 'Relu', implementation: 'int8', fusedInto: 'Conv' },
  ]);
  const x = reals(next, [1, 3, 6, 6], 2.5);
  const plain = (await (await InferenceSession.create(build())).run({ x }))['y'];
  const fused = (await session.run({ x }))['z'];
  expect(Array.from(fused?.data as Float32Array)).toEqual(
    Array.from(plain?.data as Float32Array, (value) => Math.max(value, 0)),
  );
});

test('a bias that is stored as int32 is added as it is stored', async () => {
  const next = numbers(53);
  const bias = affine(
    dense(new Tensor('int32', Int32Array.of(1000, -1000))),
    quantization({
      scale: Float32Array.of(0.02 * 0.25, 0.02 * 0.5),
      axis: 0,
      storageType: 'int32',
    }),
  );
  const model = oneOp({
    op: 'Conv',
    inputs: (graph) => {
      const codes = new Tensor('int8', Int8Array.of(3, -2), [2, 1, 1, 1]);
      const weights = affine(dense(codes), quantization({ scale: Float32Array.of(0.25, 0.5), axis: 0 }));
      return [input(graph, [1, 1, 4, 4]), graph.constant(weights), graph.constant(bias)];
    },
    output: q(0.1, 0),
  });
  expect(model.graph.constants.some(({ constant }) => constant instanceof AffineEncoding)).toBe(true);
  expect(await worstCode(model, { x: reals(next, [1, 1, 4, 4], 2.5) }, 'Conv')).toBeLessThanOrEqual(1);
});

test('a node that has no integer form is computed in float between grids, and says so', async () => {
  const model = oneOp({
    op: 'ReduceProd',
    attributes: { keepdims: int(0) },
    inputs: (graph) => [input(graph, [2, 3, 4])],
    output: q(0.02, 5),
  });
  const session = await InferenceSession.create(model);
  expect(session.plan[0]?.implementation).toBe('typescript');
  const gemm = oneOp({
    op: 'Gemm',
    attributes: { alpha: float(0.5) },
    inputs: (graph) => [input(graph, [2, 4]), integerWeights(graph, numbers(3), [4, 3], 1)],
    output: q(0.02, 5),
  });
  expect((await InferenceSession.create(gemm)).plan[0]?.implementation).toBe('float32');
});
