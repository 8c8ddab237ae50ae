import { Compressor, createRandom, type Model, memoryDataset, type RunData, Tensor } from '@espalier/core';
import { checkPlugin, parseModel } from '@espalier/plugin-kit';
import { describe, expect, test } from 'vitest';
import { prune, pruneChannels } from '../src/index.js';

const INPUTS = 12;

/** Three classes of points: the class is the greatest of three sums that a few of the inputs have a part in. */
function points(count: number, labelled: boolean): NonNullable<RunData['train']> {
  const random = createRandom('points');
  const data = Float32Array.from({ length: count * INPUTS }, () => random.normal());
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const [a = 0, b = 0, c = 0, d = 0] = data.subarray(i * INPUTS, (i + 1) * INPUTS);
    const sums = [a + b, c - a, d - c];
    return sums.indexOf(Math.max(...sums));
  });
  const feeds = { x: new Tensor('float32', data, [count, INPUTS]) };
  return memoryDataset('points', feeds, labelled ? labels : undefined);
}

const network = parseModel(`
  input x: float32[N, 12]
  constant w1: float32[12, 24] = random(1)
  constant b1: float32[24] = random(2)
  h = MatMul(x, w1)
  a = Add(h, b1)
  r = Relu(a)
  constant w2: float32[24, 16] = random(5)
  g = MatMul(r, w2)
  s = Relu(g)
  constant w3: float32[3, 16] = random(3)
  constant b3: float32[3] = random(4)
  y = Gemm(s, w3, b3) { transB: 1 }
  output y
`);

const images = parseModel(`
  input x: float32[1, 3, 6, 6]
  constant w: float32[4, 3, 3, 3] = random(1)
  constant b: float32[4] = random(2)
  h = Conv(x, w, b) { pads: [1, 1, 1, 1] }
  f = Flatten(h)
  constant m: float32[144, 2] = codebook(indices: packed) fill(0.5)
  y = MatMul(f, m)
  output y
`);

const data: RunData = { train: points(600, true) };
const compressor = new Compressor({ plugins: [prune, pruneChannels] });

// A second run takes the same share of what is left.
checkPlugin(pruneChannels, { models: { network, images }, idempotent: false });
checkPlugin(pruneChannels, {
  models: { network },
  options: [{ scope: 'global', density: 0.3 }, { retrain: { epochs: 2, rounds: 2 } }],
  data,
  idempotent: false,
});

function shapes(model: Model): readonly string[] {
  return model.weights().map(({ name, encoding }) => `${name} ${encoding.dims.join('x')}`);
}

describe('channels of a layer', () => {
  test('a share of each layer goes; together they keep as many where all are ranked together', async () => {
    const layer = await compressor.run(network, [pruneChannels({ density: 0.25 })]);
    expect(shapes(layer.model)).toEqual(['w1 12x6', 'w2 6x4', 'w3 3x4']);
    expect(layer.report.passes[0]?.statistics).toEqual({
      'channels.removed': 30,
      'weights.removed': 288 + 384 + 48 - 72 - 24 - 12,
    });
    const all = await compressor.run(network, [pruneChannels({ density: 0.25, scope: 'global' })]);
    const [first = 0, second = 0] = all.model.weights().map(({ encoding }) => encoding.dims[1]);
    expect(first + second).toBe(10);
  });

  test('shared weights stay shared', async () => {
    const { model } = await compressor.run(images, [pruneChannels()]);
    expect(model.weights().map(({ encoding }) => [encoding.kind, encoding.dims])).toEqual([
      ['dense', [2, 3, 3, 3]],
      ['codebook', [72, 2]],
    ]);
  });

  test('a layer keeps one channel at least, whatever its density', async () => {
    const { model } = await compressor.run(network, [pruneChannels({ density: 0.001 })]);
    expect(shapes(model)).toEqual(['w1 12x1', 'w2 1x1', 'w3 3x1']);
  });

  test('a layer that is named and is not there is warned of', async () => {
    const { report } = await compressor.run(network, [
      pruneChannels({ density: { nobody: 0.5, default: 1 } }),
    ]);
    expect(report.passes[0]).toMatchObject({
      modified: false,
      warnings: ['prune-channels: no weight is named "nobody"'],
    });
  });

  test('ranked by norms that are not there, norms of weights are taken, and it is said', async () => {
    const { report } = await compressor.run(network, [pruneChannels({ by: 'scale' })]);
    expect(report.passes[0]?.warnings).toEqual([
      'prune-channels: "w1" has no batch normalization to rank by; norms of weights are taken',
      'prune-channels: "w2" has no batch normalization to rank by; norms of weights are taken',
    ]);
  });

  test('the mask of pruning holds', async () => {
    const { model } = await compressor.run(network, [prune({ density: 0.3 })]);
    const narrow = await compressor.run(model, [pruneChannels({ density: 0.5, retrain: { epochs: 1 } })], {
      data,
    });
    expect(narrow.model.weights().map(({ encoding }) => encoding.kind)).toEqual([
      'sparse',
      'sparse',
      'sparse',
    ]);
  });
});

describe('retraining a narrower model', () => {
  test.each([
    { rounds: 1, labels: 'labels', train: points(600, true) },
    { rounds: 3, labels: 'labels', train: points(600, true) },
    { rounds: 2, labels: 'none', train: points(600, false) },
  ])('in $rounds rounds, with labels: $labels', async ({ rounds, train }) => {
    const retrain = { epochs: 4, rounds, learningRate: 0.01 };
    const { model, report } = await compressor.run(network, [pruneChannels({ density: 0.5, retrain })], {
      data: { train },
    });
    expect(shapes(model)).toEqual(['w1 12x12', 'w2 12x8', 'w3 3x8']);
    expect(report.passes[0]?.statistics).toMatchObject({ 'channels.removed': 20, 'epochs.trained': 4 });
  });

  test('without training data is refused before anything runs', async () => {
    await expect(compressor.run(network, [pruneChannels({ retrain: {} })])).rejects.toThrow(
      /needs train data/,
    );
  });
});

test('the report says what is left of each layer, and why some stay whole', async () => {
  const { report } = await compressor.run(network, [pruneChannels({ density: 0.25 })]);
  expect(report.passes[0]?.tables).toEqual([
    {
      title: 'Channels of each layer',
      columns: ['computed by', 'channels', 'kept', 'why they stay'],
      rows: [
        ['w1', 24, 6, ''],
        ['w2', 16, 4, ''],
        ['w3', 3, 3, 'they are those of the output "y"'],
      ],
    },
  ]);
});
