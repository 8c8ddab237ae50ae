import {
  Compressor,
  DataError,
  type Dataset,
  definePlugin,
  EXECUTOR,
  ints,
  type Model,
  tensorOf,
  toFloat32,
} from '@espalier/core';
import { expectSameOutputs, parseModel, runFixtures, seededTensor } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalize } from '../src/index.js';
import { bounded, emptied, raised, separable } from './support/models.js';

const executor = new RuntimeExecutor();

runFixtures(new URL('./fixtures/', import.meta.url), equalize, { executor });

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

/** Eight samples, between -width and width. */
const samplesOf = (dims: readonly number[], seed = 'sample', width = 1): Dataset => ({
  name: 'seeded samples',
  count: 8,
  labelled: false,
  async *batches(_, limit = 8) {
    for (let i = 0; i < Math.min(8, limit); i++)
      yield { feeds: { x: seededTensor(`${seed} ${i}`, dims, -width, width) }, count: 1 };
  },
});

const calibration = samplesOf([1, 1, 2, 2]);

/** The least and the largest value of each channel that the first layer computes. */
async function extentsOf(
  model: Model,
  data: Dataset,
): Promise<readonly (readonly [low: number, high: number])[]> {
  const value = model.graph.nodesOf('Conv')[0]?.outputs[0]?.name ?? '';
  const channels: number[][] = [];
  const execution = await executor.prepare(model);
  for await (const { feeds } of data.batches(1)) {
    await execution.run(
      feeds,
      (_, tensor) => {
        const inner = (tensor.dims[2] ?? 0) * (tensor.dims[3] ?? 0);
        for (const [i, x] of toFloat32(tensor).entries()) {
          const channel = Math.floor(i / inner);
          channels[channel] = [...(channels[channel] ?? []), x];
        }
      },
      new Set([value]),
    );
  }
  execution.dispose();
  return channels.map((values) => [Math.min(...values), Math.max(...values)]);
}

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

describe('absorbed biases', () => {
  const pass = (model: Model, data: Dataset) =>
    new Compressor({ plugins: [runtime, equalize] }).run(
      model,
      [equalize({ absorbBiases: true, rounds: 1 })],
      {
        data: { calibration: data },
      },
    );

  test('leave outputs as they are on data that channels never fall below them on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1000 }),
        fc.double({ min: 0.1, max: 8, noNaN: true }),
        async (seed, width) => {
          const data = samplesOf([1, 2, 3, 3], `absorbed ${seed}`, width);
          const { model, report } = await pass(raised(), data);
          const reference = await extentsOf(raised(), data);
          const expected = reference.filter(([low, high]) => low > 0.01 * high).length;
          expect(report.passes[0]?.statistics['biases.absorbed'] ?? 0).toBe(expected);
          for await (const { feeds } of data.batches(1))
            await expectSameOutputs(raised(), model, executor, { tolerance: 1e-5 * (1 + width), feeds });
        },
      ),
      { numRuns: 20 },
    );
  });

  test('take range off activations', async () => {
    const { model } = await pass(raised(), samplesOf([1, 2, 3, 3], 'range', 1));
    const most = (ranges: readonly (readonly [number, number])[]): number =>
      Math.max(...ranges.map(([, high]) => high));
    const data = samplesOf([1, 2, 3, 3], 'range', 1);
    expect(most(await extentsOf(model, data))).toBeLessThan(0.6 * most(await extentsOf(raised(), data)));
  });

  test('stay where the layer behind pads with zeros', async () => {
    const padding = raised().clone();
    const behind = padding.graph.nodesOf('Conv')[1];
    if (behind === undefined) throw new Error('no second layer');
    padding.graph.setAttributes(behind, behind.attributes.with({ pads: ints([1, 1, 1, 1]) }));
    const { report } = await pass(padding, samplesOf([1, 2, 3, 3], 'padded', 1));
    expect(report.passes[0]?.statistics['biases.absorbed']).toBeUndefined();
  });
});
