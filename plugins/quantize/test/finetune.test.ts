import {
  AffineEncoding,
  Compressor,
  createRandom,
  DataError,
  describeEncoding,
  type Model,
  memoryDataset,
  type RunData,
  Tensor,
  toFloat32,
  toNumbers,
} from '@espalier/core';
import { checkPlugin, parseModel } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { runtime } from './support/samples.js';

const random = createRandom('points');
const x = Float32Array.from({ length: 400 * 12 }, () => random.normal());
const labels = Int32Array.from({ length: 400 }, (_, i) => ((x[12 * i] ?? 0) > (x[12 * i + 1] ?? 0) ? 1 : 0));
const points = { x: new Tensor('float32', x, [400, 12]) };
const calibration = memoryDataset('points', points);
const data: RunData = {
  calibration,
  train: memoryDataset('labelled points', points, labels),
};
const unlabelled: RunData = { ...data, train: memoryDataset('points', points) };

/** A network whose first weight is encoded as a pass before left it. */
function network(first = 'random(1)'): Model {
  return parseModel(`
    input x: float32[N, 12]
    constant w1: float32[24, 12] = ${first}
    constant b1: float32[24] = random(2)
    h = Gemm(x, w1, b1) { transB: 1 }
    r = Relu(h)
    constant w2: float32[2, 24] = random(3)
    constant b2: float32[2] = random(4)
    y = Gemm(r, w2, b2) { transB: 1 }
    output y
  `);
}
/** The same with every other weight of the first layer left. */
function pruned(): Model {
  const kept = valuesOf(network(), 'w1').map((value, i) => (i % 2 === 0 ? value : 0));
  return network(`sparse(gaps: packed, values: float32) [${Array.from(kept).join(', ')}]`);
}

/** The same with a few values that weights share, zero among them. */
function shared(): Model {
  const few = valuesOf(network(), 'w1').map((value) => Math.round(value * 4) / 4);
  return network(`codebook(centroids: float32, indices: packed) [${Array.from(few).join(', ')}]`);
}

const finetune = { epochs: 2, learningRate: 0.01 };
const compressor = new Compressor({ plugins: [runtime, quantize] });

// A second run trains on.
checkPlugin(quantize, {
  models: { 'a network': network(), 'a pruned one': pruned(), 'one of shared weights': shared() },
  plugins: [runtime],
  data,
  options: [
    { bits: 3, granularity: 'tensor', finetune: { epochs: 1, ranges: 'moving-average', batchSize: 200 } },
  ],
  idempotent: false,
});

function codesOf(model: Model, name: string): readonly number[] {
  const held = model.graph.value(name)?.constant;
  if (!(held instanceof AffineEncoding)) throw new Error(`${name} holds no codes`);
  return Array.from(toNumbers(held.children.codes.decode()));
}

function valuesOf(model: Model, name: string): Float32Array {
  const value = model.graph.value(name)?.constant;
  if (value == null) throw new Error(`no constant ${name}`);
  return toFloat32(value.decode());
}

/** Share of the points that a model gives to their class. */
async function accuracy(model: Model): Promise<number> {
  const session = await InferenceSession.create(model);
  const { y } = await session.run(points);
  const scores = y?.data as Float32Array; // the model's output is float32
  return (
    labels.filter((label, i) => (scores[2 * i + 1] ?? 0) > (scores[2 * i] ?? 0) === (label === 1)).length /
    400
  );
}

describe('a network that is trained after it was quantized', () => {
  test('learns from labels, in two bits', async () => {
    const options = { bits: 2 } as const;
    const plain = await compressor.run(network(), [quantize(options)], { data });
    const step = quantize({ ...options, finetune: { epochs: 30, learningRate: 0.01, validation: 0.1 } });
    const { model, report } = await compressor.run(network(), [step], { data });
    expect(await accuracy(model)).toBeGreaterThan(0.85);
    expect(await accuracy(model)).toBeGreaterThan((await accuracy(plain.model)) + 0.1);
    expect(new Set(codesOf(model, 'w1'))).toEqual(new Set([-1, 0, 1]));
    expect(report.sizeBytesAfter).toBe(plain.report.sizeBytesAfter);
    const [table] = report.passes[0]?.tables ?? [];
    expect(table?.columns).toEqual(['epoch', 'loss', 'loss, held out', 'right, held out']);
    expect(table?.rows.length).toBe(30);
    expect(report.passes[0]?.statistics['epochs.trained']).toBe(30);
    const session = await InferenceSession.create(model);
    expect(session.plan.every(({ implementation }) => implementation === 'int8')).toBe(true);
  });

  test('comes nearer to the original without labels', async () => {
    const original = network();
    const marginsOf = async (model: Model): Promise<Float32Array> => {
      const { y } = await (await InferenceSession.create(model)).run(points);
      const scores = y?.data as Float32Array; // the model's output is float32
      return Float32Array.from(labels, (_, i) => (scores[2 * i + 1] ?? 0) - (scores[2 * i] ?? 0));
    };
    const expected = await marginsOf(original);
    const distance = async (model: Model): Promise<number> =>
      (await marginsOf(model)).reduce((sum, margin, i) => sum + (margin - (expected[i] ?? 0)) ** 2, 0);
    const options = { bits: 3, granularity: 'tensor' } as const;
    const plain = await compressor.run(original, [quantize(options)], { data: unlabelled });
    const step = quantize({ ...options, finetune: { epochs: 30, learningRate: 0.003 } });
    const { model, report } = await compressor.run(original, [step], { data: unlabelled });
    expect(await distance(model)).toBeLessThan(0.7 * (await distance(plain.model)));
    expect(report.passes[0]?.tables[0]?.columns).toEqual(['epoch', 'loss', 'loss, held out']);
  });

  test('gives the same bytes for the same seed', async () => {
    const step = quantize({ bits: 4, finetune });
    const codes = [];
    for (const threads of [1, 2]) {
      const again = quantize({ bits: 4, finetune: { ...finetune, threads } });
      const { model } = await compressor.run(network(), [threads === 1 ? step : again], { data, seed: 3 });
      codes.push(valuesOf(model, 'w1'));
    }
    expect(codes[0]).toEqual(codes[1]);
  });

  test('keeps what an earlier pass pruned, and stays sparse', async () => {
    const before = valuesOf(pruned(), 'w1');
    const { model } = await compressor.run(pruned(), [quantize({ bits: 3, finetune })], { data });
    const held = model.graph.value('w1')?.constant;
    expect(held && describeEncoding(held)).toBe('affine(codes: sparse(gaps: packed, values: packed))');
    expect(codesOf(model, 'w1').every((code, i) => before[i] !== 0 || code === 0)).toBe(true);
  });

  test('keeps shared weights shared, by values that are trained', async () => {
    const before = valuesOf(shared(), 'w1');
    const plain = await compressor.run(shared(), [quantize()], { data });
    const { model } = await compressor.run(shared(), [quantize({ finetune })], { data });
    const codes = codesOf(model, 'w1');
    const codeOf = new Map<number, number>([[0, 0]]);
    for (const [i, value] of before.entries()) {
      codeOf.set(value, codeOf.get(value) ?? codes[i] ?? 0);
      expect(codes[i]).toBe(codeOf.get(value));
    }
    expect(valuesOf(model, 'w1')).not.toEqual(valuesOf(plain.model, 'w1'));
  });

  test('that was quantized before is trained on', async () => {
    const first = await compressor.run(network(), [quantize({ bits: 4 })], { data });
    const { model } = await compressor.run(first.model, [quantize({ finetune })], { data });
    expect(valuesOf(model, 'w1')).not.toEqual(valuesOf(first.model, 'w1'));
    expect(Math.max(...codesOf(model, 'w1').map(Math.abs))).toBeLessThanOrEqual(7);
    for (const [i, code] of codesOf(first.model, 'w1').entries())
      if (code === 0) expect(codesOf(model, 'w1')[i]).toBe(0);
  });
});

test('under a rule of TensorFlow Lite codes are trained, and grids stay', async () => {
  const options = { bits: 4, requantization: 'tflite' } as const;
  const plain = (await compressor.run(network(), [quantize(options)], { data })).model;
  const { model } = await compressor.run(network(), [quantize({ ...options, finetune })], { data });
  expect(codesOf(model, 'w1')).not.toEqual(codesOf(plain, 'w1'));
  for (const name of ['x', 'r', 'y'])
    expect(model.graph.value(name)?.type).toEqual(plain.graph.value(name)?.type);
});

describe('training is refused', () => {
  test('without training data', async () => {
    const run = compressor.run(network(), [quantize({ finetune })], {
      data: { calibration },
    });
    await expect(run).rejects.toThrow(DataError);
  });

  test.each([
    { options: { mode: 'float16' }, what: 'float16 are not trained' },
    { options: { mode: 'dynamic' }, what: 'put on grids as they come are not trained' },
    { options: { mode: 'weight-only', groupSize: 8 }, what: 'in groups' },
  ] as const)('$what', async ({ options, what }) => {
    const run = compressor.run(network(), [quantize({ ...options, finetune })], { data });
    await expect(run).rejects.toThrow(what);
  });
});
