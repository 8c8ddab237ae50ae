import {
  Compressor,
  codedBytes,
  createRandom,
  DataError,
  definePlugin,
  EXECUTOR,
  type Model,
  memoryDataset,
  OptionsError,
  OutputProbe,
  type PassReport,
  type RunData,
  Tensor,
  UnsupportedError,
} from '@espalier/core';
import { checkPlugin, parseModel } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { shareWeights } from '../src/index.js';

const random = createRandom('points');
const points = Float32Array.from({ length: 400 * 16 }, () => random.normal());
const calibration = memoryDataset('points', { x: new Tensor('float32', points, [400, 16]) });
const data: RunData = { calibration };

/** The wide branch counts for little in the output, the narrow one for much. */
const network: Model = parseModel(`
  input x: float32[N, 16]
  constant wide: float32[64, 16] = random(1)
  constant narrow: float32[16, 16] = random(2)
  constant faint: float32[] = [0.05]
  a = Gemm(x, wide) { transB: 1 }
  b = Gemm(x, narrow) { transB: 1 }
  ra = Relu(a)
  rb = Relu(b)
  s = Mul(ra, faint)
  j = Concat(s, rb) { axis: 1 }
  constant last: float32[4, 80] = random(3)
  y = Gemm(j, last) { transB: 1 }
  output y
`);

const runtime = definePlugin({
  id: 'runtime',
  register(container) {
    container.register(EXECUTOR, { useFactory: () => new RuntimeExecutor() });
  },
});
const compressor = new Compressor({ plugins: [shareWeights, runtime] });

function codedSize(model: Model): number {
  return model.graph.constants.reduce(
    (sum, { constant }) => sum + (constant === null ? 0 : codedBytes(constant)),
    0,
  );
}

function bitsIn({ tables }: PassReport): Readonly<Record<string, unknown>> {
  return Object.fromEntries((tables[0]?.rows ?? []).map(([name, , bits]) => [name, bits]));
}

checkPlugin(shareWeights, {
  fixtures: false,
  models: { 'a network with two branches': network },
  data,
  plugins: [runtime],
  options: [{ budget: { maxBytes: 900 }, minElements: 1 }],
});

describe('bits under a budget', () => {
  let probe: OutputProbe;
  beforeAll(async () => {
    probe = await OutputProbe.open(new RuntimeExecutor(), network, calibration, 400);
  });

  const choose = async (budget: object, options: object = {}) => {
    const { model, report } = await compressor.run(network, [shareWeights({ budget, ...options })], { data });
    const pass = report.passes[0] as PassReport; // one step
    return { model, pass, ...(await probe.compare(model)) };
  };

  test.each([2, 3, 4])('do better than %i bits for each layer, in as many bytes', async (bits) => {
    const even = (await compressor.run(network, [shareWeights({ bits })])).model;
    const chosen = await choose({ maxBytes: Math.ceil(codedSize(even)) });
    expect(codedSize(chosen.model)).toBeLessThanOrEqual(Math.ceil(codedSize(even)));
    expect(chosen.error).toBeLessThan((await probe.compare(even)).error);
    const { wide, narrow } = bitsIn(chosen.pass);
    expect(narrow).toBeGreaterThan(Number(wide));
  });

  test('take the fewest bytes that keep the answers', async () => {
    const [strict, loose] = [await choose({ maxAccuracyDrop: 0.01 }), await choose({ maxAccuracyDrop: 0.1 })];
    expect(strict.drop).toBeLessThanOrEqual(0.01);
    expect(loose.drop).toBeLessThanOrEqual(0.1);
    expect(loose.drop).toBeGreaterThan(0.01);
    expect(codedSize(loose.model)).toBeLessThan(codedSize(strict.model));
  });

  test('are told with a warning where both limits can not be kept', async () => {
    const { model, pass } = await choose({ maxAccuracyDrop: 0, maxBytes: 700 });
    expect(codedSize(model)).toBeLessThanOrEqual(700);
    expect(pass.warnings[0]).toMatch(/calibration answers are lost, more than 0/);
  });

  test('of layers that are named are as given', async () => {
    const { pass } = await choose({ maxBytes: 900 }, { bits: { narrow: 2 } });
    expect(bitsIn(pass)['narrow']).toBe(2);
  });

  test('without data follow the energy of the weights', async () => {
    const { model } = await compressor.run(network, [shareWeights({ budget: { maxBytes: 900 } })]);
    expect(codedSize(model)).toBeLessThanOrEqual(900);
    expect(codedSize(model)).toBeGreaterThan(700);
  });

  test('are refused where no choice is small enough, or nothing limits them', async () => {
    await expect(choose({ maxBytes: 100 })).rejects.toMatchObject({ cause: expect.any(OptionsError) });
    await expect(choose({ maxBytes: 100 })).rejects.toThrow(/\d+ are the fewest/);
    await expect(choose({})).rejects.toThrow(/no limit/);
    expect(() => shareWeights({ budget: { maxBytes: 0 } } as object)).toThrow(OptionsError);
  });

  test('by accuracy are refused without data, and without a runtime', async () => {
    const step = shareWeights({ budget: { maxAccuracyDrop: 0.01 } } as object);
    await expect(compressor.run(network, [step])).rejects.toThrow(DataError);
    const bare = new Compressor({ plugins: [shareWeights] });
    await expect(bare.run(network, [step], { data })).rejects.toMatchObject({
      cause: expect.any(UnsupportedError),
    });
  });
});
