import {
  Compressor,
  createRandom,
  DataError,
  type Model,
  memoryDataset,
  type RunData,
  Tensor,
  toFloat32,
  UnsupportedError,
} from '@espalier/core';
import { checkPlugin, parseModel } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import { prune } from '../src/index.js';

const INPUTS = 12;

/** Three classes of points: the class is the greatest of three sums that a few of the inputs have a part in. */
function points(count: number): RunData['train'] {
  const random = createRandom('points');
  const data = Float32Array.from({ length: count * INPUTS }, () => random.normal());
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const [a = 0, b = 0, c = 0, d = 0] = data.subarray(i * INPUTS, (i + 1) * INPUTS);
    const sums = [a + b, c - a, d - c];
    return sums.indexOf(Math.max(...sums));
  });
  return memoryDataset('points', { x: new Tensor('float32', data, [count, INPUTS]) }, labels);
}

const network: Model = parseModel(`
  input x: float32[N, 12]
  constant w1: float32[12, 24] = random(1)
  constant b1: float32[24] = random(2)
  h = MatMul(x, w1)
  a = Add(h, b1)
  r = Relu(a)
  constant w2: float32[3, 24] = random(3)
  constant b2: float32[3] = random(4)
  y = Gemm(r, w2, b2) { transB: 1 }
  output y
`);

const data: RunData = { train: points(600) as NonNullable<RunData['train']> };
const compressor = new Compressor({ plugins: [prune] });

const retraining = [
  { epochs: 2 },
  { epochs: 2, schedule: 'once', surgery: true },
  { epochs: 3, schedule: 'iterative', rounds: 2, optimizer: 'sgd', dropout: { Gemm: 0.3 }, l1: 1e-4 },
] as const;

checkPlugin(prune, {
  models: { 'a network that is trained': network },
  fixtures: false,
  data,
  options: retraining.map((retrain) => ({ density: 0.25, retrain })),
});

function keptIn(model: Model): readonly number[] {
  return model.weights().map((weight) => toFloat32(weight.decode()).filter((value) => value !== 0).length);
}

function valuesOf(model: Model, name: string): Float32Array {
  const value = model.graph.value(name)?.constant;
  if (value == null) throw new Error(`no constant ${name}`);
  return toFloat32(value.decode());
}

describe('retraining', () => {
  test.each([
    { name: 'once', retrain: { epochs: 3, schedule: 'once' } },
    { name: 'iterative', retrain: { epochs: 3, schedule: 'iterative', rounds: 3 } },
    { name: 'gradual', retrain: { epochs: 3, schedule: 'gradual' } },
    { name: 'surgery', retrain: { epochs: 4, schedule: 'gradual', surgery: true, ramp: 0.5 } },
  ] as const)(
    '$name keeps just the share that is asked for, and trains biases along',
    async ({ retrain }) => {
      const { model, report } = await compressor.run(network, [prune({ density: 0.125, retrain })], { data });
      expect(keptIn(model)).toEqual([36, 9]);
      expect(report.passes[0]?.statistics).toMatchObject({
        'weights.zeroed': 252 + 63,
        'epochs.trained': retrain.epochs,
      });
      expect(valuesOf(model, 'b1')).not.toEqual(valuesOf(network, 'b1'));
      expect(model.weights().map(({ encoding }) => encoding.kind)).toEqual(['sparse', 'sparse']);
    },
  );

  test.each(['global', 'lamp'] as const)('ranks all layers together where the scope is %s', async (scope) => {
    const { model } = await compressor.run(
      network,
      [prune({ density: 0.25, scope, retrain: { epochs: 2 } })],
      { data },
    );
    const [first = 0, second = 0] = keptIn(model);
    expect(first + second).toBe(72 + 18);
  });

  test.each(['gradual', 'iterative', 'once'] as const)(
    'holds a pattern with schedule %s',
    async (schedule) => {
      const retrain = { epochs: 3, schedule, rounds: 2, surgery: schedule === 'gradual' };
      const step = prune({ pattern: '1:4', density: { w2: 1, default: 0.5 }, retrain });
      const { model, report } = await compressor.run(network, [step], { data });
      // Three runs of four inputs for each of 24 units.
      expect(keptIn(model)).toEqual([72, 72]);
      expect(report.passes[0]?.statistics['weights.zeroed']).toBe(216);
      const weights = valuesOf(model, 'w1');
      for (let unit = 0; unit < 24; unit++) {
        for (let run = 0; run < 12; run += 4) {
          const kept = [0, 1, 2, 3].filter((i) => weights[(run + i) * 24 + unit] !== 0);
          expect(kept).toHaveLength(1);
        }
      }
    },
  );

  test('brings weights back by surgery, but none that was pruned before', async () => {
    const once = (await compressor.run(network, [prune({ density: { w1: 0.5, default: 1 } })])).model;
    const kept = (model: Model): readonly boolean[] =>
      Array.from(valuesOf(model, 'w1'), (value) => value !== 0);
    const run = async (surgery: boolean): Promise<readonly boolean[]> => {
      const retrain = { epochs: 6, schedule: 'once', ramp: 0.9, learningRate: 0.05, surgery } as const;
      const step = prune({ density: { w1: 0.1, default: 1 }, retrain });
      return kept((await compressor.run(once, [step], { data })).model);
    };
    const plain = await run(false);
    const revived = (await run(true)).filter((isKept, i) => isKept && !plain[i]).length;
    expect(revived).toBeGreaterThan(0);
    const before = kept(once);
    expect((await run(true)).filter((isKept, i) => isKept && !before[i])).toEqual([]);
  });

  test('learns from the model as it came into the run where there are no labels', async () => {
    const random = createRandom('without labels');
    const x = Float32Array.from({ length: 600 * INPUTS }, () => random.normal());
    const train = memoryDataset('no labels', { x: new Tensor('float32', x, [600, INPUTS]) });
    const step = prune({ density: 0.3, retrain: { epochs: 8, learningRate: 0.01 } });
    const { model } = await compressor.run(network, [step], { data: { train } });
    expect(keptIn(model)).toEqual([86, 22]);
    expect(valuesOf(model, 'b1')).not.toEqual(valuesOf(network, 'b1'));
  });

  test('learns from that model by distillation although there are labels, as softly as the temperature says', async () => {
    const retrain = { epochs: 2, learningRate: 0.01 };
    const run = async (train: NonNullable<RunData['train']>, more: object): Promise<Float32Array> => {
      const step = prune({ density: 0.3, retrain: { ...retrain, ...more } });
      return valuesOf((await compressor.run(network, [step], { data: { train } })).model, 'w2');
    };
    const x = Float32Array.from({ length: 600 * INPUTS }, (_, i) => Math.fround((i * 7919) % 13) - 6);
    const feeds = { x: new Tensor('float32', x, [600, INPUTS]) };
    const labelled = memoryDataset('labelled', feeds, new Int32Array(600));
    const unlabelled = await run(memoryDataset('unlabelled', feeds), {});
    expect(await run(labelled, { loss: 'distillation' })).toEqual(unlabelled);
    expect(await run(labelled, {})).not.toEqual(unlabelled);
    expect(await run(labelled, { loss: 'distillation', temperature: 4 })).not.toEqual(unlabelled);
  });

  test('leaves what holds codes alone', async () => {
    const shared = parseModel(`
      input x: float32[N, 12]
      constant w1: float32[12, 20] = codebook(indices: packed) random(1)
      h = MatMul(x, w1)
      r = Relu(h)
      constant w2: float32[20, 3] = random(3)
      y = MatMul(r, w2)
      output y
    `);
    const step = prune({ density: { w2: 0.25, default: 1 }, retrain: { epochs: 1 } });
    const { model } = await compressor.run(shared, [step], { data });
    expect(valuesOf(model, 'w1')).toEqual(valuesOf(shared, 'w1'));
    expect(keptIn(model)[1]).toBe(15);
  });

  test('does nothing where nothing is to be pruned, and says so', async () => {
    const { report } = await compressor.run(network, [prune({ density: 1, retrain: { epochs: 1 } })], {
      data,
    });
    expect(report.passes[0]?.modified).toBe(false);
    expect(report.passes[0]?.warnings).toEqual(['prune: there is nothing to prune, so nothing is retrained']);
  });
});

describe('retraining is refused', () => {
  test('without training data, before any pass has run', async () => {
    const events: string[] = [];
    const run = compressor.run(network, [prune({ density: 0.9 }), prune({ retrain: {} })], {
      onProgress: ({ kind }) => events.push(kind),
    });
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow(/needs train data/);
    expect(events).not.toContain('pass-start');
  });

  test('through an operator without a gradient, by its name', async () => {
    const model = parseModel(`
      input x: float32[N, 12]
      constant w: float32[12, 3] = random(1)
      h = MatMul(x, w)
      y = Erf(h)
      output y
    `);
    const run = compressor.run(model, [prune({ retrain: { epochs: 1 } })], { data });
    await expect(run).rejects.toMatchObject({ cause: expect.any(UnsupportedError) });
    await expect(run).rejects.toThrow(/Erf/);
  });

  test('for a shift of samples that are no images', async () => {
    const retrain = { epochs: 1, augment: { shift: 1 } };
    const run = compressor.run(network, [prune({ retrain })], { data });
    await expect(run).rejects.toThrow(/\[12\], which are no images/);
  });
});
