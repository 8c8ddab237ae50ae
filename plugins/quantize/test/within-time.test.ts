import {
  AffineEncoding,
  Compressor,
  definePlugin,
  EXECUTOR,
  type Executor,
  type Model,
  type Node,
  OptionsError,
  PassError,
  type PassReport,
  type Plugin,
  PluginError,
  printModel,
  type RunTimes,
} from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { runtime, samples } from './support/samples.js';

const dims = [1, 3, 6, 6];

/** Three convolutions one behind the other, the last one with weights of very different sizes. */
const three = (): Model =>
  parseModel(`
    input x: float32[1, 3, 6, 6]
    constant w1: float32[8, 3, 3, 3] = random(1)
    constant w2: float32[8, 8, 3, 3] = random(2)
    constant w3: float32[4, 8, 3, 3] = random(3)
    a = Conv(x, w1) { pads: [1, 1, 1, 1] }
    r = Relu(a)
    b = Conv(r, w2) { pads: [1, 1, 1, 1] }
    c = Conv(b, w3) { pads: [1, 1, 1, 1] }
    output c
  `);

/** What a node takes on a clock that always goes alike: 1 ms in int8, 3 in int16, 2 in float32, half a one for each grid beside float. */
function msOf({ inputs, outputs, op }: Node): number {
  if (op !== 'Conv') return 0;
  const held = [inputs[0], outputs[0]].map((value) => value?.type?.quantization?.storageType);
  if (inputs[1]?.constant instanceof AffineEncoding) return held.includes('int16') ? 3 : 1;
  return 2 + held.filter((one) => one !== undefined).length / 2;
}

/** Runs models as ever, and times them by that clock. */
const clocked: Plugin = definePlugin({
  id: 'clocked',
  register(container) {
    const real = new RuntimeExecutor();
    const executor: Executor = {
      evaluate: (node, inputs) => real.evaluate(node, inputs),
      async prepare(model) {
        const execution = await real.prepare(model);
        // Of the Relu behind it, where one is computed with it.
        const steps = new Map<string, number>();
        for (const node of model.graph.nodes) {
          const [use] = model.graph.uses(node.outputs[0]);
          const last = use?.kind === 'input' && use.node.op === 'Relu' ? use.node : node;
          const seen = { ...node, outputs: last.outputs } as Node;
          if (node.op === 'Conv') steps.set(last.outputs[0]?.name ?? '', msOf(seen));
        }
        const times: RunTimes = { ms: [...steps.values()].reduce((a, b) => a + b, 0), steps };
        return {
          run: (...of) => execution.run(...of),
          dispose: () => execution.dispose(),
          time: () => Promise.resolve(times),
        };
      },
    };
    container.register(EXECUTOR, { useValue: executor });
  },
});

type Options = NonNullable<Parameters<typeof quantize>[0]>;

async function run(
  options: Options,
  plugin: Plugin = clocked,
): Promise<{ readonly model: Model; readonly report: PassReport }> {
  const { model, report } = await new Compressor({ plugins: [plugin, quantize] }).run(
    three(),
    [quantize(options)],
    { data: { calibration: samples(dims, 8) }, driftSamples: 0 },
  );
  const [own] = report.passes;
  if (own === undefined) throw new Error('nothing ran');
  return { model, report: own };
}

/** As the report says it: what to write into a recipe. */
function settingsOf({ tables }: PassReport): Options {
  const rows = tables.find(({ title }) => title.includes('without a clock'))?.rows ?? [];
  return Object.fromEntries(rows.map(([name, value]) => [name, JSON.parse(String(value))]));
}

/** All of a model: its graph, and what its weights are. */
const wholeOf = (model: Model): readonly unknown[] => [
  printModel(model),
  ...model.graph.constants.map(({ constant }) => Array.from(constant?.decode().data ?? [], Number)),
];

const isInteger = (model: Model): readonly boolean[] =>
  model.graph.nodesOf('Conv').map(({ inputs }) => inputs[1]?.constant instanceof AffineEncoding);

describe('a limit of time', () => {
  test.each([
    { mixed: { maxMilliseconds: 3 }, most: 3, floats: 0 },
    { mixed: { maxMilliseconds: 4.7 }, most: 4.7, floats: 1 },
    { mixed: { maxTimeShare: 1 }, most: 6, floats: 3 },
  ])('$mixed is kept, and used', async ({ mixed, most, floats }) => {
    const { model } = await run({ mixed });
    expect(isInteger(model).filter((integer) => !integer)).toHaveLength(floats);
    const took = model.graph.nodesOf('Conv').reduce((sum, node) => sum + msOf(node), 0);
    expect(took).toBeLessThanOrEqual(most);
  });

  test('what the report says gives the same bytes without a clock', async () => {
    const { model, report } = await run({ mixed: { maxMilliseconds: 4.7 } });
    const settings = settingsOf(report);
    expect(settings.exclude).not.toEqual([]);
    const again = await run(settings, runtime);
    expect(wholeOf(again.model)).toEqual(wholeOf(model));
  });

  test('that nothing keeps is an error that tells the least', async () => {
    await expect(run({ mixed: { maxMilliseconds: 2 } })).rejects.toThrow(
      /2\.00 ms .*: 3\.00 is the least, float32 takes 6\.00/,
    );
    await expect(run({ mixed: { maxMilliseconds: 2 } })).rejects.toMatchObject({
      cause: expect.any(OptionsError),
    });
  });

  test('with answers that may be lost, the fastest that keeps them is taken', async () => {
    // int8 keeps all of them or not; with every answer free to go it is as fast as can be.
    const { model } = await run({ mixed: { maxTimeShare: 1, maxAccuracyDrop: 1 } });
    expect(isInteger(model)).toEqual([true, true, true]);
  });

  test('goes with limits of bytes: what stays in int8 gets fewer bits', async () => {
    const { model, report } = await run({ mixed: { maxMilliseconds: 4.7, averageBits: 4 } });
    expect(isInteger(model)).toContain(false);
    expect(report.tables.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^What layers compute in/),
      expect.stringMatching(/without a clock/),
      'computed in float32',
      expect.stringMatching(/^Bits of each layer/),
    ]);
  });

  test('by a real clock ends in a choice that computes what its settings say', async () => {
    const { model, report } = await run({ mixed: { maxTimeShare: 50 } }, runtime);
    const again = await run(settingsOf(report), runtime);
    expect(wholeOf(again.model)).toEqual(wholeOf(model));
  });

  test('without a clock is refused', async () => {
    const blind = definePlugin({
      id: 'blind',
      register(container) {
        const real = new RuntimeExecutor();
        const executor: Executor = {
          evaluate: () => null,
          async prepare(model) {
            const execution = await real.prepare(model);
            return { run: (...of) => execution.run(...of), dispose: () => execution.dispose() };
          },
        };
        container.register(EXECUTOR, { useValue: executor });
      },
    });
    const refused = run({ mixed: { maxMilliseconds: 3 } }, blind);
    await expect(refused).rejects.toThrow(PassError);
    await expect(refused).rejects.toMatchObject({ cause: expect.any(PluginError) });
  });

  test.each(['weight-only', 'dynamic'] as const)('is refused in mode %s', async (mode) => {
    await expect(run({ mode, mixed: { maxMilliseconds: 3 } })).rejects.toThrow(/limit of time/);
  });
});
