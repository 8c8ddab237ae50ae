import {
  Compressor,
  createRandom,
  definePlugin,
  EXECUTOR,
  type Model,
  memoryDataset,
  type RunData,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { checkPlugin, parseModel } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { prune } from '../src/index.js';

const runtime = definePlugin({
  id: 'runtime',
  register: (container) => container.register(EXECUTOR, { useValue: new RuntimeExecutor() }),
});

/** The second layer hardly matters: what comes of it is scaled down. */
const network = parseModel(`
  input x: float32[N, 12]
  constant w1: float32[12, 16] = random(1)
  h = MatMul(x, w1)
  r = Relu(h)
  constant w2: float32[16, 16] = random(2)
  k = MatMul(r, w2)
  constant little: float32[] = fill(0.01)
  m = Mul(k, little)
  s = Add(r, m)
  constant w3: float32[16, 3] = random(3)
  y = MatMul(s, w3)
  output y
`);

function samples(count: number, labels?: Int32Array): NonNullable<RunData['train']> {
  const random = createRandom('samples');
  const x = Float32Array.from({ length: count * 12 }, () => random.normal());
  return memoryDataset('some samples', { x: new Tensor('float32', x, [count, 12]) }, labels);
}

const compressor = new Compressor({ plugins: [prune, runtime] });
const data: RunData = { calibration: samples(48) };

checkPlugin(prune, {
  models: { network },
  fixtures: false,
  options: [{ by: 'sensitivity', density: 0.4 }],
  data,
  plugins: [runtime],
  // Curves of what is pruned already are others.
  idempotent: false,
});

function densities(model: Model): readonly number[] {
  return model.weights().map((weight) => {
    const values = toFloat32(weight.decode());
    return values.filter((value) => value !== 0).length / values.length;
  });
}

function keptIn(model: Model): number {
  return model
    .weights()
    .reduce((sum, weight) => sum + toFloat32(weight.decode()).filter((value) => value !== 0).length, 0);
}

describe('densities by sensitivity', () => {
  test('come to the share that is asked for, and spare what matters', async () => {
    const { model } = await compressor.run(network, [prune({ by: 'sensitivity', density: 0.5 })], { data });
    expect(keptIn(model)).toBeGreaterThanOrEqual(247);
    expect(keptIn(model)).toBeLessThanOrEqual(249);
    const [first = 0, second = 0, third = 0] = densities(model);
    expect(second).toBeLessThan(0.1);
    expect(first).toBeGreaterThan(0.7);
    expect(third).toBeGreaterThan(0.7);
  });

  test('leave a layer of density 1 alone', async () => {
    const step = prune({ by: 'sensitivity', density: { w2: 1, default: 0.5 } });
    const { model } = await compressor.run(network, [step], { data });
    expect(densities(model)[1]).toBe(1);
  });

  test('are as low as the answers allow', async () => {
    const run = async (accuracyDrop: number): Promise<{ kept: number; agreement: number }> => {
      const step = prune({ by: 'sensitivity', accuracyDrop, samples: 48 });
      const { model, report } = await compressor.run(network, [step], { data, driftSamples: 48 });
      return { kept: keptIn(model), agreement: report.passes[0]?.drift?.agreement ?? 0 };
    };
    const [strict, loose] = [await run(0.05), await run(0.3)];
    expect(strict.agreement).toBeGreaterThanOrEqual(0.95);
    expect(loose.agreement).toBeGreaterThanOrEqual(0.7);
    expect(loose.kept).toBeLessThan(strict.kept);
    expect(strict.kept).toBeLessThan(320);
  });

  test('are told in a table and a plot', async () => {
    const labels = new Int32Array(48).fill(1);
    const step = prune({ by: 'sensitivity', density: 0.5, samples: 32 });
    const { report } = await compressor.run(network, [step], { data: { calibration: samples(48, labels) } });
    const [table] = report.passes[0]?.tables ?? [];
    expect(table?.title).toBe('Each layer pruned alone: right answers in %, on 32 samples of some samples');
    expect(table?.rows.map(([name, count]) => [name, count])).toEqual([
      ['w1', 192],
      ['w2', 256],
      ['w3', 48],
      [expect.stringMatching(/^all as chosen: [\d.]+, was [\d.]+$/), 496],
    ]);
    expect(table?.plot?.series.map(({ name, points }) => [name, points.length])).toEqual([
      ['w1', 9],
      ['w2', 9],
      ['w3', 9],
    ]);
  });
});

describe('densities by sensitivity are refused', () => {
  test('without data', async () => {
    await expect(compressor.run(network, [prune({ by: 'sensitivity' })])).rejects.toThrow(/no data/);
  });

  test('where nothing can run the model', async () => {
    const run = new Compressor({ plugins: [prune] }).run(network, [prune({ by: 'sensitivity' })], { data });
    await expect(run).rejects.toThrow(/Nothing here can run the model/);
  });

  test('beside a pattern', async () => {
    const run = compressor.run(network, [prune({ by: 'sensitivity', pattern: '2:4' })], { data });
    await expect(run).rejects.toThrow(/says how much is kept/);
  });
});

test('held-out data are chosen on only where there are no others, and it is said', async () => {
  const { report } = await compressor.run(network, [prune({ by: 'sensitivity' })], {
    data: { holdout: samples(16) },
  });
  expect(report.passes[0]?.warnings).toEqual([
    'prune: densities are chosen on the held-out data "some samples", which then judge too kindly',
  ]);
});
