import {
  Compressor,
  DataError,
  type Dataset,
  definePlugin,
  EXECUTOR,
  type Model,
  tensorOf,
  toFloat32,
} from '@espalier/core';
import { checkPlugin, expectSameOutputs, parseModel, runFixtures, seededTensor } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { equalize } from '../src/index.js';

const executor = new RuntimeExecutor();

/** Channels of very different ranges through a depthwise layer, as separable networks have them. */
const separable = (): Model =>
  parseModel(`
    input x: float32[1, 3, 6, 6]
    constant w: float32[4, 3, 1, 1] = random(1)
    constant b: float32[4] = random(2)
    constant d: float32[4, 1, 3, 3] = [${Array.from({ length: 36 }, (_, i) => 10 ** Math.floor(i / 9 - 2) * ((i % 5) - 2.5)).join(', ')}]
    constant e: float32[4] = random(3)
    constant v: float32[5, 4, 1, 1] = random(4)
    a = Conv(x, w, b)
    r = Relu(a)
    c = Conv(r, d, e) { group: 4, pads: [1, 1, 1, 1] }
    s = Relu(c)
    y = Conv(s, v)
    output y
  `);

runFixtures(new URL('./fixtures/', import.meta.url), equalize, { executor });

checkPlugin(equalize, {
  executor,
  models: {
    'layers around a depthwise one': separable(),
    'nothing to equalize': parseModel('input x: float32[1]\ny = Relu(x)\noutput y'),
  },
});

async function equalized(model: Model): Promise<Model> {
  return (await new Compressor({ plugins: [equalize] }).run(model, [equalize()])).model;
}

/** The largest magnitude of each output channel of a weight of the node with this number. */
function ranges(model: Model, index: number): readonly number[] {
  const constant = model.graph.nodesOf('Conv')[index]?.inputs[1]?.constant;
  const values = constant == null ? new Float32Array() : toFloat32(constant.decode());
  const channels = constant?.dims[0] ?? 0;
  const length = values.length / channels;
  return Array.from({ length: channels }, (_, c) =>
    Math.max(...values.subarray(c * length, (c + 1) * length).map(Math.abs)),
  );
}

describe('equalization', () => {
  test('evens out the channels of a depthwise layer, and computes the same', async () => {
    const before = separable();
    const after = await equalized(before);
    const spread = (model: Model): number => Math.max(...ranges(model, 1)) / Math.min(...ranges(model, 1));
    expect(spread(before)).toBeGreaterThan(100);
    expect(spread(after)).toBeLessThan(spread(before) / 10);
    const feeds = { x: seededTensor('picture', [1, 3, 6, 6], -1, 1) };
    await expectSameOutputs(before, after, executor, { tolerance: 1e-3, feeds });
  });

  test.each([
    ['a Relu6 between, whose bound would have to change', 'r = Clip(a, lo, hi)', 'output y'],
    ['another reader of what is between', 'r = Relu(a)', 'output y\noutput r'],
    ['a Sigmoid between', 'r = Sigmoid(a)', 'output y'],
  ])('leaves %s', async (_, between, outputs) => {
    const model = parseModel(`
      input x: float32[1, 1, 1, 1]
      constant w: float32[2, 1, 1, 1] = [4, 0.25]
      constant v: float32[1, 2, 1, 1] = [1, 16]
      constant lo: float32[] = [0]
      constant hi: float32[] = [6]
      a = Conv(x, w)
      ${between}
      y = Conv(r, v)
      ${outputs}
    `);
    expect(ranges(await equalized(model), 0)).toEqual([4, 0.25]);
  });
});

/** A depthwise network as training leaves some: channels with weights of 1e-30 and a bias, which are constant or never open. */
const emptied = (): Model =>
  parseModel(`
    input x: float32[1, 1, 4, 4]
    constant w: float32[4, 1, 1, 1] = [1, -0.5, 2e-30, 1e-30]
    constant b: float32[4] = [0.5, 0.25, 0.04, -0.03]
    constant d: float32[4, 1, 1, 1] = [0.5, 0.25, 9, -8]
    constant e: float32[4] = [0.25, 0.1, 0.3, -0.2]
    constant v: float32[2, 4, 1, 1] = [1, 2, 1e-30, 3, 0.5, -1, 2e-30, 1]
    a = Conv(x, w, b)
    r = Relu(a)
    c = Conv(r, d, e) { group: 4 }
    s = Relu(c)
    y = Conv(s, v)
    output y
  `);

test('channels that are all but empty give away range, and no bias grows beyond the largest', async () => {
  const [before, after] = [emptied(), await equalized(emptied())];
  const largestBias = ({ graph }: Model, index: number): number => {
    const bias = graph.nodesOf('Conv')[index]?.inputs[2]?.constant?.decode();
    return Math.max(...(bias === undefined ? [NaN] : toFloat32(bias).map(Math.abs)));
  };
  for (const index of [0, 1])
    expect(largestBias(after, index)).toBeLessThanOrEqual(largestBias(before, index) * (1 + 1e-6));
  expect(Math.max(...ranges(after, 1))).toBeLessThan(Math.max(...ranges(before, 1)) / 4);
  const feeds = { x: seededTensor('picture', [1, 1, 4, 4], -1, 1) };
  await expectSameOutputs(before, after, executor, { tolerance: 1e-5, feeds });
});

/** Four channels behind a Relu6: the first reaches its bound on the data, the others stay well below it. */
const bounded = (): Model =>
  parseModel(`
    input x: float32[N, 1, 2, 2]
    constant w: float32[4, 1, 1, 1] = [9, 0.5, 0.02, 1]
    constant b: float32[4] = [0.25, 0.5, 0.01, 0]
    constant lo: float32[] = [0]
    constant hi: float32[] = [6]
    constant v: float32[3, 4, 1, 1] = [0.1, 4, 8, 0.1, 0.2, -4, 3, 0.2, -0.1, 2, 9, 0.3]
    a = Conv(x, w, b)
    r = Clip(a, lo, hi)
    y = Conv(r, v)
    output y
  `);

const calibration: Dataset = {
  name: 'seeded samples',
  count: 8,
  labelled: false,
  async *batches(_, limit = 8) {
    for (let i = 0; i < Math.min(8, limit); i++)
      yield { feeds: { x: seededTensor(`sample ${i}`, [1, 1, 2, 2], -1, 1) }, count: 1 };
  },
};

const runtime = definePlugin({
  id: 'runtime',
  register(container) {
    container.register(EXECUTOR, { useValue: executor });
  },
});

describe('past a Relu6', () => {
  const run = (relu6: 'within' | 'replace') =>
    new Compressor({ plugins: [runtime, equalize] }).run(bounded(), [equalize({ relu6 })], {
      data: { calibration },
    });

  test('channels are scaled as far as data stay below the bound, and those that reach it are not', async () => {
    const { model, report } = await run('within');
    expect(model.graph.nodesOf('Clip').length).toBe(1);
    const [before, after] = [ranges(bounded(), 0), ranges(model, 0)];
    expect(after[0]).toBe(before[0]);
    expect(after[2]).toBeGreaterThan(10 * (before[2] ?? NaN));
    expect(report.passes[0]?.effect).toBe('lossy');
    for await (const { feeds } of calibration.batches(1))
      await expectSameOutputs(bounded(), model, executor, { tolerance: 1e-4, feeds });
  });

  test('or it becomes a Relu, which changes what channels above the bound compute', async () => {
    const { model } = await run('replace');
    expect(model.graph.nodesOf('Clip', 'Relu').map(({ op }) => op)).toEqual(['Relu']);
    const below = { x: tensorOf('float32', [-0.5, 0, 0.25, 0.5], [1, 1, 2, 2]) };
    await expectSameOutputs(bounded(), model, executor, { tolerance: 1e-4, feeds: below });
    const above = { x: tensorOf('float32', [1, 1, 1, 1], [1, 1, 2, 2]) };
    await expect(
      expectSameOutputs(bounded(), model, executor, { tolerance: 0.1, feeds: above }),
    ).rejects.toThrow();
  });

  test('wants data to measure channels on, before anything runs', async () => {
    const compressor = new Compressor({ plugins: [runtime, equalize] });
    await expect(compressor.run(bounded(), [equalize({ relu6: 'within' })])).rejects.toThrow(DataError);
  });
});
