import {
  Compressor,
  codedBytes,
  createRandom,
  definePlugin,
  dense,
  EXECUTOR,
  type Model,
  ModelError,
  memoryDataset,
  OptionsError,
  OutputProbe,
  type RunData,
  Tensor,
  toFloat32,
} from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { inSteps } from '../src/candidates.js';
import { budget } from '../src/index.js';

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
const compressor = new Compressor({ plugins: [budget, runtime] });

function codedSize(model: Model): number {
  return model.graph.constants.reduce(
    (sum, { constant }) => sum + (constant === null ? 0 : codedBytes(constant)),
    0,
  );
}

/** The same number of levels for each layer. */
function evenly(levels: number): Model {
  const model = network.clone();
  for (const weight of model.weights()) {
    const largest = Math.max(...toFloat32(weight.decode()).map(Math.abs));
    model.replaceWeight(weight, inSteps(weight, largest / levels));
  }
  return model;
}

describe('a budget', () => {
  let probe: OutputProbe;
  beforeAll(async () => {
    probe = await OutputProbe.open(new RuntimeExecutor(), network, calibration, 400);
  });

  test.each([4, 8, 16])('does better than %i levels for each layer, in as many bytes', async (levels) => {
    const even = evenly(levels);
    const maxBytes = Math.ceil(codedSize(even));
    const { model, report } = await compressor.run(network, [budget({ maxBytes })], { data });
    expect(codedSize(model)).toBeLessThanOrEqual(maxBytes);
    expect((await probe.compare(model)).error).toBeLessThan((await probe.compare(even)).error);
    const rows = report.passes[0]?.tables[0]?.rows ?? [];
    expect(rows.map(([name]) => name)).toEqual(['wide', 'narrow', 'last']);
  });

  test('by ratio is a part of the bytes that the file has', async () => {
    const { model, report } = await compressor.run(network, [budget({ ratio: 8 })], { data });
    expect(codedSize(model)).toBeLessThanOrEqual(report.sizeBytesBefore / 8);
    expect(codedSize(model)).toBeGreaterThan(report.sizeBytesBefore / 9);
  });

  test('keeps what was pruned, leaves what is coded, and changes nothing the second time', async () => {
    const pruned = network.clone();
    const masked = pruned.weights()[0];
    if (masked === undefined) throw new Error('no weight');
    const values = toFloat32(masked.decode()).map((value, i) => (i % 3 === 0 ? value : 0));
    pruned.graph.replaceConstant(masked.value, dense(new Tensor('float32', values, masked.encoding.dims)));
    const once = await compressor.run(pruned, [budget({ maxBytes: 1000 })], { data });
    const after = toFloat32(once.model.weights()[0]?.decode() ?? masked.decode());
    for (const [i, value] of values.entries()) if (value === 0) expect(after[i]).toBe(0);
    const again = await compressor.run(once.model, [budget({ maxBytes: 1000 })], { data });
    expect(again.report.passes[0]?.modified).toBe(false);
  });

  test('without data goes by the weights, and says so', async () => {
    const { model, report } = await compressor.run(network, [budget({ maxBytes: 900 })]);
    expect(codedSize(model)).toBeLessThanOrEqual(900);
    expect(report.passes[0]?.warnings[0]).toMatch(/energy/);
  });

  test('that nothing fits in is refused with the fewest bytes', async () => {
    const run = compressor.run(network, [budget({ maxBytes: 20 })], { data });
    await expect(run).rejects.toMatchObject({ cause: expect.any(OptionsError) });
    await expect(run).rejects.toThrow(/20 bytes: \d+ are the fewest/);
    expect(() => budget({ ratio: 1 })).toThrow(OptionsError);
  });

  test('refuses weights that are no numbers by name and place', async () => {
    const broken = network.clone();
    const weight = broken.weights()[1];
    if (weight === undefined) throw new Error('no weight');
    const values = toFloat32(weight.decode()).slice();
    values[7] = Number.NaN;
    broken.graph.replaceConstant(weight.value, dense(new Tensor('float32', values, weight.encoding.dims)));
    const run = compressor.run(broken, [budget()], { data });
    await expect(run).rejects.toMatchObject({ cause: expect.any(ModelError) });
    await expect(run).rejects.toThrow(/"narrow" is NaN at element 7/);
  });
});
