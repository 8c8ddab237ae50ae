import {
  BlockwiseEncoding,
  Compressor,
  DataError,
  dense,
  describeEncoding,
  type Model,
  OptionsError,
  Tensor,
  tensorOf,
  toFloat32,
} from '@espalier/core';
import { parseModel, seededTensor, seededValues } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { runtime, samples } from './support/samples.js';

type Options = Parameters<typeof quantize>[0];

/** Rows of 80 weights, whose columns are of very different sizes from group to group. */
const network = (): Model => {
  const model = parseModel(`
    input x: float32[N, 80]
    constant w: float32[80, 24] = random(1)
    constant b: float32[24] = random(2)
    h = Gemm(x, w, b)
    r = Relu(h)
    constant v: float32[10, 24] = random(3)
    y = Gemm(r, v) { transB: 1 }
    output y
  `);
  const w = model.graph.value('w');
  const values = Float32Array.from(seededValues('w', 80 * 24, -1, 1), (value, i) =>
    i < 32 * 24 ? value : value / 16,
  );
  if (w !== undefined) model.graph.replaceConstant(w, dense(tensorOf('float32', values, [80, 24])));
  return model;
};

const dims = [1, 80];

/** Inputs of which each depends on its neighbours: directions matter to adaptive rounding. */
const smooth = (index: number): Tensor => {
  const noise = toFloat32(seededTensor(`sample ${index}`, [96], 0, 1));
  return tensorOf(
    'float32',
    Array.from({ length: 80 }, (_, i) => noise.slice(i, i + 16).reduce((a, b) => a + b, 0) / 16),
    dims,
  );
};

async function quantized(
  model: Model,
  options: Options,
  data = samples(dims, 24, 'x', smooth),
): Promise<Model> {
  const compressor = new Compressor({ plugins: [runtime, quantize] });
  const step = quantize({ mode: 'weight-only', bits: 4, ...options });
  const result = await compressor.run(model, [step], { data: { calibration: data }, driftSamples: 0 });
  return result.model;
}

function encodingOf(model: Model, name: string): string {
  const constant = model.graph.constants.find((value) => value.name === name)?.constant;
  return constant == null ? 'none' : describeEncoding(constant);
}

/** Squared error of the output over that of the signal, on samples that nothing was measured on. */
async function error(before: Model, after: Model): Promise<number> {
  const [a, b] = [await InferenceSession.create(before), await InferenceSession.create(after)];
  let [noise, signal] = [0, 0];
  for (let i = 100; i < 132; i++) {
    const [p, q] = [await a.run({ x: smooth(i) }), await b.run({ x: smooth(i) })].map((out) => out['y']!);
    const [expected, actual] = [toFloat32(p!), toFloat32(q!)];
    for (const [k, value] of expected.entries()) {
      noise += (value - actual[k]!) ** 2;
      signal += value ** 2;
    }
  }
  return noise / signal;
}

describe('groups of weights', () => {
  test('have a scale each, along the inputs, in whichever order the weight is held', async () => {
    const model = await quantized(network(), { groupSize: 16 });
    expect(encodingOf(model, 'w')).toBe('blockwise(codes: packed, scales: cast(source: float16))');
    const [w, v] = ['w', 'v'].map((name) => model.graph.value(name)?.constant);
    if (!(w instanceof BlockwiseEncoding && v instanceof BlockwiseEncoding)) throw new Error('no groups');
    expect([w.axis, w.children.scales.dims]).toEqual([0, [5, 24]]);
    expect([v.axis, v.children.scales.dims]).toEqual([1, [10, 2]]);
    // 4 bits a weight and 16 a group of 16.
    expect(w.byteLength).toBeLessThan((80 * 24 * 5) / 8 + 8);
  });

  test('lose less than whole rows do, where weights of a row differ in size', async () => {
    const before = network();
    const [rows, groups] = [await quantized(before, {}), await quantized(before, { groupSize: 16 })];
    expect(await error(before, groups)).toBeLessThan((await error(before, rows)) / 2);
  });

  test('put every weight within half a step of its group, and of the rounding of the scale', async () => {
    const before = network();
    const after = await quantized(before, { groupSize: 16, bits: 3 });
    const w = after.graph.value('w')?.constant;
    if (!(w instanceof BlockwiseEncoding)) throw new Error('no groups');
    const [reals, rounded] = [toFloat32(before.graph.value('w')!.constant!.decode()), toFloat32(w.decode())];
    const scales = toFloat32(w.children.scales.decode());
    for (const [i, real] of reals.entries()) {
      const scale = scales[Math.floor(i / 24 / 16) * 24 + (i % 24)]!;
      expect(Math.abs(real - rounded[i]!)).toBeLessThanOrEqual(scale * (0.5 + 3 * 2 ** -11) + 1e-7);
    }
  });

  test('of very small weights keep their scales in float32', async () => {
    const model = network();
    const small = toFloat32(model.graph.value('v')!.constant!.decode()).map((value) => value * 1e-6);
    model.graph.replaceConstant(model.graph.value('v')!, dense(tensorOf('float32', small, [10, 24])));
    expect(encodingOf(await quantized(model, { groupSize: 8 }), 'v')).toBe(
      'blockwise(codes: packed, scales: float32)',
    );
  });

  test('are refused where weights are multiplied as integers', async () => {
    const run = quantized(network(), { mode: 'static', groupSize: 32 });
    await expect(run).rejects.toMatchObject({ cause: expect.any(OptionsError) });
    await expect(run).rejects.toThrow(/weight-only/);
  });
});

describe('weights alone, with calibration data', () => {
  test.each([0, 16])('are rounded adaptively, groups of %d', async (groupSize) => {
    const before = network();
    const nearest = await error(before, await quantized(before, { groupSize }));
    const adaptive = await error(before, await quantized(before, { groupSize, rounding: 'adaptive' }));
    expect(adaptive).toBeLessThan(nearest / 2);
  });

  test('give biases what rounding takes from the mean, and a bias to a layer that has none', async () => {
    const before = network();
    const plain = await quantized(before, { bits: 3 });
    const corrected = await quantized(before, { bits: 3, correctBias: true });
    expect(await error(before, corrected)).toBeLessThan((await error(before, plain)) / 2);
    expect(corrected.graph.nodesOf('Gemm').every((node) => node.inputs[2]?.constant != null)).toBe(true);
  });

  test('are given widths under a budget', async () => {
    const after = await quantized(network(), { mixed: { averageBits: 4 }, groupSize: 16 });
    const bits = after
      .weights()
      .map(({ encoding }) => [...new Set(toFloat32(encoding.children['codes']!.decode()))].length);
    expect(bits.some((count) => count > 2 ** 4)).toBe(true);
    expect(bits.some((count) => count < 2 ** 4)).toBe(true);
  });

  test('are as narrow as the answers allow, or as a file of so many bytes wants', async () => {
    const compressor = new Compressor({ plugins: [runtime, quantize] });
    const data = { calibration: samples(dims, 24, 'x', smooth) };
    const bytesOf = async (mixed: object): Promise<number> => {
      const step = quantize({ mode: 'weight-only', groupSize: 16, correctBias: true, mixed });
      return (await compressor.run(network(), [step], { data })).report.passes[0]?.sizeBytes ?? NaN;
    };
    const [most, least] = [await bytesOf({ averageBits: 8 }), await bytesOf({ averageBits: 2 })];
    // All samples get the same answer, whatever the widths.
    expect(await bytesOf({ maxAccuracyDrop: 0 })).toBe(least);
    const middle = Math.floor((most + least) / 2);
    expect(await bytesOf({ maxBytes: middle })).toBeLessThanOrEqual(middle);
    expect(await bytesOf({ maxBytes: middle })).toBeGreaterThan(least);
  });

  test('say what the data are needed for', async () => {
    const compressor = new Compressor({ plugins: [runtime, quantize] });
    const run = compressor.run(network(), [quantize({ mode: 'weight-only', rounding: 'adaptive' })]);
    await expect(run).rejects.toThrow(/Adaptive rounding.*no calibration data/s);
  });

  test('are not rounded by data that are not finite', async () => {
    const broken = samples(dims, 2, 'x', () => new Tensor('float32', new Float32Array(80).fill(NaN), dims));
    await expect(quantized(network(), { rounding: 'adaptive' }, broken)).rejects.toMatchObject({
      cause: expect.any(DataError),
    });
  });

  test.each([0, 3])('are rounded to codes where all data are %d', async (value) => {
    const constant = samples(
      dims,
      4,
      'x',
      () => new Tensor('float32', new Float32Array(80).fill(value), dims),
    );
    const before = network();
    const after = await quantized(before, { rounding: 'adaptive', correctBias: true }, constant);
    const feeds = { x: new Tensor('float32', new Float32Array(80).fill(value), dims) };
    const [a, b] = [await InferenceSession.create(before), await InferenceSession.create(after)];
    const [y, z] = [await a.run(feeds), await b.run(feeds)].map((out) => toFloat32(out['y']!));
    // What there is of data is computed right: rounding and bias see to it.
    const size = Math.max(...y!.map(Math.abs));
    for (const [i, real] of y!.entries()) expect(Math.abs(real - z![i]!)).toBeLessThan(0.02 * size + 1e-5);
  });
});
