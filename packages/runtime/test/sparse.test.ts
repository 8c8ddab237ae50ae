import {
  affine,
  codebook,
  dense,
  type Encoding,
  FormatError,
  float,
  Graph,
  gapsOf,
  inferShapes,
  int,
  ints,
  Model,
  type NodeSpec,
  quantization,
  sparse,
  Tensor,
} from '@espalier/core';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { numbers, onGrid, q, reals } from './support/one-op.js';

const f = Math.fround;
const [k, n] = [130, 37];
/** What the kept weights are drawn from, so that a codebook holds them exactly. */
const centroids = Float32Array.from({ length: 16 }, (_, i) => f((i - 7.4) / 9));

/** [rows, columns] of which about a tenth is not zero; every fifth row is empty. */
function prunedReals(rows: number, columns: number): Tensor<'float32'> {
  const next = numbers(17);
  const values = Float32Array.from({ length: rows * columns }, (_, i) => {
    const kept = next() < 0.12 && Math.floor(i / columns) % 5 !== 3;
    return kept ? (centroids[Math.floor(next() * 16)] ?? 0) : 0;
  });
  return new Tensor('float32', values, [rows, columns]);
}

function keptPlaces(data: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: data.length }, (_, i) => i).filter((i) => data[i] !== 0);
}

/** The ways in which a pruned tensor may be held. */
const realEncodings: Readonly<Record<string, (weights: Tensor<'float32'>) => Encoding>> = {
  dense: (weights) => dense(weights),
  'sparse(dense)': (weights) => sparseOf(weights, (values) => dense(new Tensor('float32', values))),
  'sparse(codebook)': (weights) =>
    sparseOf(weights, (values) => {
      const indices = Uint8Array.from(values, (value) => centroids.indexOf(value));
      return codebook(dense(new Tensor('float32', centroids)), dense(new Tensor('uint8', indices)));
    }),
};

function sparseOf({ data, dims }: Tensor<'float32'>, values: (kept: Float32Array) => Encoding): Encoding {
  const places = keptPlaces(data);
  const gaps = gapsOf(places, data.length, 15);
  const kept = Float32Array.from(places, (place) => data[place] ?? 0);
  return sparse(dense(new Tensor('uint8', gaps)), values(kept), dims, 15);
}

interface Layer {
  readonly op: 'Gemm' | 'MatMul' | 'Conv';
  readonly attributes?: NodeSpec['attributes'];
  readonly weights: Encoding;
  readonly bias?: Float32Array;
  readonly dims: readonly (number | string)[];
}

/** One product and a Relu behind it. */
function layer({ op, attributes = {}, weights, bias, dims }: Layer): Model {
  const graph = new Graph('pruned');
  const x = graph.addInput('x', { dtype: 'float32', dims });
  const inputs = [x, graph.constant(weights, 'w')];
  if (bias) inputs.push(graph.constant(new Tensor('float32', bias), 'b'));
  const product = graph.apply({ op, name: 'product', inputs, attributes }, 'product');
  graph.addOutput(graph.apply({ op: 'Relu', name: 'relu', inputs: [product] }, 'y'));
  const model = new Model(graph);
  inferShapes(model);
  return model;
}

/** What the float32 kernels promise: products in order of k, each step in float32; then Relu. */
function rowsTimes(x: Float32Array, weight: (i: number, c: number) => number, bias?: Float32Array): number[] {
  return Array.from({ length: (x.length / k) * n }, (_, at) => {
    const [row, c] = [Math.floor(at / n), at % n];
    let sum = bias?.[c] ?? 0;
    for (let i = 0; i < k; i++) sum = f(sum + f((x[row * k + i] ?? 0) * weight(i, c)));
    return Math.max(sum, 0);
  });
}

async function run(model: Model, x: Tensor): Promise<number[]> {
  const session = await InferenceSession.create(model);
  const { y } = await session.run({ x });
  return Array.from(y?.data as Float32Array);
}

const bias = Float32Array.from({ length: n }, (_, c) => f(0.3 - c / 40));

describe('pruned float32 weights', () => {
  for (const [name, encode] of Object.entries(realEncodings)) {
    test.each([1, 2, 5, 30, 100])(
      `held as ${name} give the bits of a dense product of %i rows`,
      async (m) => {
        const x = reals(numbers(m), [m, k]);
        const [tall, wide] = [prunedReals(k, n), prunedReals(n, k)];
        const matMul = layer({ op: 'MatMul', weights: encode(tall), dims: [m, k] });
        expect(await run(matMul, x)).toEqual(rowsTimes(x.data, (i, c) => tall.data[i * n + c] ?? 0));
        const attributes = { transB: int(1), alpha: float(0.7), beta: float(1.3) };
        const gemm = layer({ op: 'Gemm', attributes, weights: encode(wide), bias, dims: [m, k] });
        const [alpha, beta] = [f(0.7), f(1.3)];
        const scaledBias = bias.map((value) => value * beta);
        const wanted = rowsTimes(x.data, (i, c) => f((wide.data[c * k + i] ?? 0) * alpha), scaledBias);
        expect(await run(gemm, x)).toEqual(wanted);
      },
    );

    test(`held as ${name} give the bits of a dense 1 x 1 convolution`, async () => {
      const wide = prunedReals(n, k);
      const weights = encode(new Tensor('float32', wide.data, [n, k, 1, 1]));
      const x = reals(numbers(5), [2, k, 5, 7]);
      const model = layer({ op: 'Conv', weights, bias, dims: [2, k, 5, 7] });
      const pixels = Float32Array.from({ length: 70 * k }, (_, at) => {
        const [pixel, channel] = [Math.floor(at / k), at % k];
        return x.data[(Math.floor(pixel / 35) * k + channel) * 35 + (pixel % 35)] ?? 0;
      });
      const rows = rowsTimes(pixels, (i, c) => wide.data[c * k + i] ?? 0, bias);
      const wanted = Array.from({ length: 70 * n }, (_, at) => {
        const image = Math.floor(at / (35 * n));
        return rows[(image * 35 + (at % 35)) * n + (Math.floor(at / 35) % n)];
      });
      expect(await run(model, x)).toEqual(wanted);
    });
  }

  test('are packed for batches of other sizes when these are fed', async () => {
    const model = layer({ op: 'MatMul', weights: dense(prunedReals(k, n)), dims: ['N', k] });
    const session = await InferenceSession.create(model);
    const large = reals(numbers(9), [40, k]);
    const first = new Tensor('float32', large.data.slice(0, k), [1, k]);
    const one = (await session.run({ x: first }))['y']?.data as Float32Array;
    const all = (await session.run({ x: large }))['y']?.data as Float32Array;
    const again = (await session.run({ x: first }))['y']?.data as Float32Array;
    expect(Array.from(all.slice(0, n))).toEqual(Array.from(one));
    expect(Array.from(again)).toEqual(Array.from(one));
  });

  test('are shown by the plan, and only where they are multiplied without their zeros', async () => {
    const pruned = layer({ op: 'MatMul', weights: dense(prunedReals(k, n)), dims: [1, k] });
    expect((await InferenceSession.create(pruned)).plan).toEqual([
      { node: 'product', op: 'MatMul', implementation: 'float32', fusedInto: null, sparse: true },
      { node: 'relu', op: 'Relu', implementation: 'float32', fusedInto: 'product' },
    ]);
    const full = layer({ op: 'MatMul', weights: dense(reals(numbers(3), [k, n])), dims: [1, k] });
    expect((await InferenceSession.create(full)).plan.some((line) => line.sparse)).toBe(false);
  });

  test('count the products that are computed in a profile', async () => {
    const weights = prunedReals(k, n);
    const model = layer({ op: 'MatMul', weights: dense(weights), dims: [1, k] });
    const session = await InferenceSession.create(model);
    const profile = await session.profile({ x: reals(numbers(9), [1, k]) });
    expect(profile.macs).toBe(keptPlaces(weights.data).length);
  });

  test('of a damaged file are refused as such', async () => {
    const { data, dims } = prunedReals(k, n);
    const places = keptPlaces(data);
    const gaps = gapsOf(places, data.length, 15).fill(14, 0, places.length);
    const values = dense(new Tensor('float32', new Float32Array(places.length)));
    const weights = sparse(dense(new Tensor('uint8', gaps)), values, dims, 15);
    const model = layer({ op: 'MatMul', weights, dims: [1, k] });
    await expect(InferenceSession.create(model)).rejects.toThrow(FormatError);
  });
});

describe('pruned int8 weights', () => {
  const next = numbers(23);
  const codes = Int8Array.from({ length: n * k }, () => {
    return next() < 0.1 ? Math.floor(next() * 256) - 128 : 0;
  }).fill(-128, 3 * k, 3 * k + 20);
  const scale = Float32Array.from({ length: n }, () => 0.002 + 0.01 * next());
  const dims = { Conv: [n, k, 1, 1], MatMul: [n, k] };

  interface Weights {
    readonly held: string;
    readonly encode: (dims: readonly number[]) => Encoding;
    readonly storageType?: 'int8' | 'uint8';
  }
  const places = keptPlaces(codes);
  const kept = Int8Array.from(places, (place) => codes[place] ?? 0);
  const gaps = gapsOf(places, codes.length, 255);
  /** The same integers with a zero point, which makes the runtime multiply all of them. */
  const shifted: Weights = {
    held: 'shifted',
    encode: (shape) =>
      dense(
        new Tensor(
          'uint8',
          Uint8Array.from(codes, (code) => code + 128),
          shape,
        ),
      ),
    storageType: 'uint8',
  };
  const pruned: readonly Weights[] = [
    { held: 'dense', encode: (shape) => dense(new Tensor('int8', codes, shape)) },
    {
      held: 'sparse',
      encode: (shape) => {
        return sparse(dense(new Tensor('uint8', gaps)), dense(new Tensor('int8', kept)), shape, 255);
      },
    },
  ];

  function model(op: 'Conv' | 'MatMul', { encode, storageType = 'int8' }: Weights, x: Tensor): Model {
    const graph = new Graph('pruned');
    const scales = op === 'Conv' ? scale : scale.slice(0, 1);
    const zeroPoint = new Int32Array(scales.length).fill(storageType === 'uint8' ? 128 : 0);
    const grid = quantization({ scale: scales, zeroPoint, storageType, axis: op === 'Conv' ? 0 : null });
    const inputs = [
      onGrid(graph, 'x', q(0.02, op === 'Conv' ? 5 : -128), x.dims),
      graph.constant(affine(encode(dims[op]), grid), 'w'),
    ];
    const y = onGrid(graph, 'y', q(0.05, -10));
    graph.addNode({ op, name: 'product', inputs, outputs: [y] });
    graph.addOutput(y);
    const made = new Model(graph);
    inferShapes(made);
    return made;
  }

  const cases = pruned.flatMap((weights) => [
    { op: 'Conv' as const, weights, shape: [1, k, 5, 6] },
    { op: 'Conv' as const, weights, shape: [3, k, 2, 2] },
    ...[1, 3, 5, 30].map((m) => ({ op: 'MatMul' as const, weights, shape: [m, n] })),
  ]);
  test.each(cases)('held as $weights.held give the codes of a dense $op of $shape', async (one) => {
    const x = reals(numbers(29), one.shape, 2.5);
    const session = await InferenceSession.create(model(one.op, one.weights, x));
    expect(session.plan[0]).toMatchObject({ implementation: 'int8', sparse: true });
    const whole = await InferenceSession.create(model(one.op, shifted, x));
    expect(whole.plan[0]).not.toHaveProperty('sparse');
    const wanted = (await whole.run({ x }))['y'];
    const actual = (await session.run({ x }))['y'];
    expect(new Set(wanted?.data as Float32Array).size).toBeGreaterThan(20);
    expect(actual).toEqual(wanted);
  });
});

describe('pruned weights of a convolution of 3 x 3', () => {
  const [channels, outputs, size] = [16, 40, 9];
  const next = numbers(31);
  const codes = Int8Array.from({ length: outputs * channels * 9 }, () => {
    return next() < 0.06 ? Math.floor(next() * 256) - 128 : 0;
  });
  const dims = [outputs, channels, 3, 3];
  const attributes = {
    'stride 1': { pads: ints([1, 1, 1, 1]) },
    'stride 2': { pads: ints([1, 0, 0, 1]), strides: ints([2, 2]) },
    'dilation 2': { dilations: ints([2, 2]) },
  };

  function model(weights: Encoding, windowAttributes: NodeSpec['attributes'], isInt8: boolean): Model {
    const graph = new Graph('pruned');
    const x = isInt8
      ? onGrid(graph, 'x', q(0.02, 5), [2, channels, size, size])
      : graph.addInput('x', { dtype: 'float32', dims: [2, channels, size, size] });
    const y = isInt8 ? onGrid(graph, 'y', q(0.05, -10)) : graph.addValue('y');
    const inputs = [x, graph.constant(weights, 'w')];
    const spec = windowAttributes === undefined ? {} : { attributes: windowAttributes };
    graph.addNode({ op: 'Conv', name: 'product', inputs, outputs: [y], ...spec });
    graph.addOutput(y);
    const made = new Model(graph);
    inferShapes(made);
    return made;
  }

  const x = reals(numbers(37), [2, channels, size, size], 2.5);

  test.each(Object.entries(attributes))('of int8 give the codes of a dense one, %s', async (_, window) => {
    const grid = (storageType: 'int8' | 'uint8', zeroPoint: number) =>
      quantization({ scale: 0.01, zeroPoint, storageType });
    const held = affine(dense(new Tensor('int8', codes, dims)), grid('int8', 0));
    const shifted = Uint8Array.from(codes, (code) => code + 128);
    const whole = affine(dense(new Tensor('uint8', shifted, dims)), grid('uint8', 128));
    const session = await InferenceSession.create(model(held, window, true));
    expect(session.plan[0]).toMatchObject({ implementation: 'int8', sparse: true });
    const other = await InferenceSession.create(model(whole, window, true));
    expect(other.plan[0]).not.toHaveProperty('sparse');
    expect(await session.run({ x })).toEqual(await other.run({ x }));
  });

  test.each(Object.entries(attributes))('of float32 give the bits of a dense one, %s', async (_, window) => {
    const weights = new Tensor(
      'float32',
      Float32Array.from(codes, (code) => code / 100),
      dims,
    );
    const session = await InferenceSession.create(model(dense(weights), window, false));
    expect(session.plan[0]).toMatchObject({ implementation: 'float32', sparse: true });
    // Too small to be looked at, an eighth of the outputs at a time: the dense kernel.
    const eighth = weights.size / 8;
    const actual = (await session.run({ x }))['y'];
    const [batch = 0, , height = 0, width = 0] = actual?.dims ?? [];
    const all = actual?.data as Float32Array;
    for (let part = 0; part < 8; part++) {
      const some = new Tensor('float32', weights.data.slice(part * eighth, (part + 1) * eighth), [
        outputs / 8,
        channels,
        3,
        3,
      ]);
      const other = await InferenceSession.create(model(dense(some), window, false));
      expect(other.plan[0]).not.toHaveProperty('sparse');
      const wanted = (await other.run({ x }))['y']?.data as Float32Array;
      const plane = height * width;
      for (let image = 0; image < batch; image++) {
        const at = (image * outputs + (part * outputs) / 8) * plane;
        const own = all.slice(at, at + (outputs / 8) * plane);
        expect(own).toEqual(wanted.slice((image * outputs * plane) / 8, ((image + 1) * outputs * plane) / 8));
      }
    }
  });
});
