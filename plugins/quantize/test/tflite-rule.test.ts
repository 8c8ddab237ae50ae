import { Compressor, type Model, PassError } from '@espalier/core';
import { expectSameOutputs, parseModel, seededTensor } from '@espalier/plugin-kit';
import { InferenceSession, RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { runtime, samples } from './support/samples.js';

const dims = [1, 3, 6, 6];

async function quantized(
  model: Model,
  options: Parameters<typeof quantize>[0] = { requantization: 'tflite' },
): Promise<Model> {
  const compressor = new Compressor({ plugins: [runtime, quantize] });
  const data = { calibration: samples(dims) };
  return (await compressor.run(model, [quantize(options)], { data, driftSamples: 0 })).model;
}

function gridOf(model: Model, name: string): readonly [number, number] | null {
  const grid = model.graph.value(name)?.type?.quantization;
  return grid === undefined ? null : [grid.scale[0] ?? NaN, grid.zeroPoint[0] ?? NaN];
}

/** Means, branches that come together again, and an operator without a form for codes. */
const branches = () =>
  parseModel(`
    input x: float32[1, 3, 6, 6]
    constant w: float32[4, 3, 3, 3] = random(1)
    constant v: float32[4, 4, 1, 1] = random(2)
    constant s: float32[4, 1, 1] = random(3)
    a = Conv(x, w) { pads: [1, 1, 1, 1] }
    p = AveragePool(a) { kernel_shape: [2, 2], strides: [2, 2] }
    g = Sigmoid(p)
    c = Concat(p, g) { axis: 2 }
    r = PRelu(c, s)
    y = Conv(r, v)
    output y
  `);

describe('quantizing by a rule of TensorFlow Lite', () => {
  test('puts means on the grid of what they are taken of, and a Concat and all it reads on one', async () => {
    const model = await quantized(branches());
    expect(model.requantization).toBe('tflite');
    expect(gridOf(model, 'p')).toEqual(gridOf(model, 'a'));
    expect(gridOf(model, 'c')).toEqual(gridOf(model, 'p'));
    expect(gridOf(model, 'g')).toEqual([1 / 256, -128]);
    const [concat] = model.graph.nodesOf('Concat');
    for (const value of concat?.inputs ?? [])
      expect(gridOf(model, value?.name ?? '')).toEqual(gridOf(model, 'c'));
    const onnx = await quantized(branches(), {});
    expect(gridOf(onnx, 'p')).not.toEqual(gridOf(onnx, 'a'));
  });

  test('says where codes become reals and come back', async () => {
    const model = await quantized(branches());
    const [prelu] = model.graph.nodesOf('PRelu');
    expect(gridOf(model, prelu?.inputs[0]?.name ?? '')).toBe(null);
    expect(gridOf(model, prelu?.outputs[0]?.name ?? '')).toBe(null);
    const { plan } = await InferenceSession.create(model);
    expect(plan.filter(({ implementation }) => implementation !== 'int8').map(({ op }) => op)).toContain(
      'PRelu',
    );
    expect(plan.filter(({ op }) => op === 'Conv').map(({ implementation }) => implementation)).toEqual([
      'int8',
      'int8',
    ]);
  });

  test.each(['tflite', 'tflite-double'] as const)(
    '%s computes nearly what the float model computes',
    async (rule) => {
      const before = branches();
      const after = await quantized(before, { requantization: rule });
      const feeds = { x: seededTensor('sample 0', dims, -1, 1) };
      // Five roundings of 1/255 of a range, the last of which is 9 wide.
      await expectSameOutputs(before, after, new RuntimeExecutor(), { tolerance: 0.2, feeds });
    },
  );

  test('can be measured layer by layer', async () => {
    const clamped = parseModel(`
      input x: float32[1, 3, 6, 6]
      constant w: float32[4, 3, 3, 3] = random(1)
      a = Conv(x, w)
      y = Relu(a)
      output y
    `);
    const compressor = new Compressor({ plugins: [runtime, quantize] });
    const data = { calibration: samples(dims) };
    const { report } = await compressor.run(clamped, [quantize({ requantization: 'tflite' })], { data });
    expect(report.passes[0]?.drift?.outputSqnrDb).toBeGreaterThan(20);
    expect(report.passes[0]?.drift?.layers.map(({ name }) => name)).toEqual(['y']);
  });

  test('changes nothing the second time', async () => {
    const once = await quantized(branches());
    const compressor = new Compressor({ plugins: [runtime, quantize] });
    const { report, model } = await compressor.run(once, [quantize()]);
    expect(report.passes[0]?.modified).toBe(false);
    expect(model.requantization).toBe('tflite');
  });

  test('is refused where a part is quantized by another rule', async () => {
    const once = await quantized(branches(), {});
    await expect(quantized(once)).rejects.toThrow(PassError);
    await expect(quantized(once)).rejects.toThrow(/quantized under the rule "onnx"/);
  });
});
