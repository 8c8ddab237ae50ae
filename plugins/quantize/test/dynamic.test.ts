import {
  Compressor,
  isDynamicRange,
  type Model,
  memoryDataset,
  Tensor,
  tensorOf,
  toFloat32,
} from '@espalier/core';
import { readOnnx, writeOnnx } from '@espalier/onnx';
import { parseModel, seededTensor } from '@espalier/plugin-kit';
import { InferenceSession, RuntimeExecutor } from '@espalier/runtime';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { runtime } from './support/samples.js';

const network = (): Model =>
  parseModel(`
    input x: float32[N, 37]
    constant w: float32[37, 30] = random(1)
    constant b: float32[30] = random(2)
    h = Gemm(x, w, b)
    r = Relu(h)
    constant v: float32[13, 30] = random(3)
    s = Gemm(r, v) { transB: 1 }
    constant u: float32[30, 13] = random(4)
    t = MatMul(r, u)
    y = Add(s, t)
    output y
  `);

async function quantized(model: Model, options: Parameters<typeof quantize>[0] = {}): Promise<Model> {
  const result = await new Compressor({ plugins: [quantize] }).run(model, [
    quantize({ mode: 'dynamic', ...options }),
  ]);
  return result.model;
}

const sample = (rows: number, seed = 'x'): Tensor => seededTensor(seed, [rows, 37], -1, 2);

async function outputOf(model: Model, x: Tensor): Promise<Float32Array> {
  const { y } = await (await InferenceSession.create(model)).run({ x });
  return toFloat32(y as Tensor); // the model has this output
}

describe('dynamic-range quantization', () => {
  test('needs no data, computes in int8, and nearly what the float model computes', async () => {
    const [before, after] = [network(), await quantized(network())];
    // One input of two layers is rounded once.
    expect(after.graph.nodes.filter(isDynamicRange)).toHaveLength(2);
    // Weights are weights still: for coders, and whoever prunes.
    expect(after.weights().map(({ encoding }) => encoding.kind)).toEqual(['affine', 'affine', 'affine']);
    const { plan } = await InferenceSession.create(after);
    const products = plan.filter(({ op }) => op === 'Gemm' || op === 'MatMul');
    expect(products.map(({ implementation }) => implementation)).toEqual(['int8', 'int8', 'int8']);
    for (const rows of [1, 5]) {
      const [expected, actual] = [await outputOf(before, sample(rows)), await outputOf(after, sample(rows))];
      const size = Math.max(...expected.map(Math.abs));
      for (const [i, value] of expected.entries())
        expect(Math.abs(value - (actual[i] ?? NaN))).toBeLessThan(size * 0.02);
    }
  });

  test.each([{}, { granularity: 'tensor' as const }, { bits: 4 }])(
    'computes in onnxruntime-node what it computes here: %o',
    async (options) => {
      const after = await quantized(network(), options);
      const bytes = writeOnnx(after);
      const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
      const x = sample(4);
      const { y } = await session.run({ x: new ort.Tensor('float32', toFloat32(x), [4, 37]) });
      const expected = await outputOf(after, x);
      const size = Math.max(...expected.map(Math.abs));
      // Fused, it rounds a scale once less; sums may then fall on the other side of a code of the second layer.
      for (const [i, value] of ((y as ort.Tensor).data as Float32Array).entries())
        expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(size * 2 ** -8);
      expect(await outputOf(await readOnnx(bytes), x)).toEqual(expected);
    },
  );

  const images = (): Model =>
    parseModel(`
      input x: float32[2, 6, 9, 9]
      constant k: float32[12, 6, 3, 3] = random(1)
      constant kb: float32[12] = random(2)
      c = Conv(x, k, kb) { pads: [1, 1, 0, 0], strides: [2, 2] }
      r = Relu(c)
      constant e: float32[12, 1, 3, 3] = random(3)
      d = Conv(r, e) { group: 12, pads: [1, 1, 1, 1] }
      constant p: float32[8, 12, 1, 1] = random(4)
      constant pb: float32[8] = random(5)
      q = Conv(d, p, pb)
      constant g: float32[10, 4, 3, 3] = random(6)
      y = Conv(q, g) { group: 2, dilations: [2, 2], pads: [2, 2, 2, 2] }
      output y
    `);
  const image = (): Tensor => seededTensor('image', [2, 6, 9, 9], -1, 2);

  test.each(['onnx', 'tflite'] as const)('takes convolutions, by rule %s', async (requantization) => {
    const [expected, after] = [
      await outputOf(images(), image()),
      await quantized(images(), { requantization }),
    ];
    const { plan } = await InferenceSession.create(after);
    const convs = plan.filter(({ op }) => op === 'Conv');
    expect(convs.map(({ implementation }) => implementation)).toEqual(['int8', 'int8', 'int8', 'int8']);
    const actual = await outputOf(after, image());
    const size = Math.max(...expected.map(Math.abs));
    for (const [i, value] of expected.entries())
      expect(Math.abs(value - (actual[i] ?? NaN))).toBeLessThan(size * 0.02);
    // Seen value by value it computes the same.
    const seen = new Map<string, Tensor>();
    const execution = await new RuntimeExecutor().prepare(after);
    await execution.run({ x: image() }, (value, tensor) => seen.set(value.name, tensor));
    expect(toFloat32(seen.get('y') as Tensor)).toEqual(actual);
    execution.dispose();
  });

  test.each(['onnx', 'tflite'] as const)(
    'runs convolutions in onnxruntime-node, by rule %s',
    async (requantization) => {
      const after = await quantized(images(), { requantization });
      const bytes = writeOnnx(after);
      // ONNX has ranges of whole tensors alone: those of images and pixels are rounded to in reals.
      const own = requantization === 'onnx' ? 4 : 0;
      expect(Buffer.from(bytes).toString('latin1').split('\x0bConvInteger').length - 1).toBe(own);
      const read = await readOnnx(bytes);
      expect(read.graph.nodes.filter(isDynamicRange)).toHaveLength(own);
      const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
      const { y } = await session.run({ x: new ort.Tensor('float32', toFloat32(image()), [2, 6, 9, 9]) });
      const expected = await outputOf(after, image());
      const size = Math.max(...expected.map(Math.abs));
      for (const [i, value] of ((y as ort.Tensor).data as Float32Array).entries())
        expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(size * 2 ** -7);
      const again = await outputOf(read, image());
      for (const [i, value] of again.entries())
        expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(size * 2 ** -7);
    },
  );

  test('leaves what is excluded, and holds other weights as integers', async () => {
    const model = parseModel(`
      input x: float32[1, 3, 6, 6]
      constant k: float32[8, 3, 3, 3] = random(1)
      c = Conv(x, k)
      f = Flatten(c)
      constant w: float32[128, 10] = random(2)
      y = MatMul(f, w)
      output y
    `);
    const after = await quantized(model);
    expect(after.graph.nodes.map(({ op }) => op)).toEqual([
      ...['DynamicRange', 'Conv', 'Flatten', 'DynamicRange', 'MatMul'],
    ]);
    const kept = await quantized(model, { exclude: ['MatMul'] });
    expect(kept.graph.nodes.map(({ op }) => op)).toEqual(['DynamicRange', 'Conv', 'Flatten', 'MatMul']);
    expect(kept.graph.value('w')?.constant?.kind).toBe('dense');
  });

  test('runs what quantize_dynamic of ONNX Runtime writes on the same kernels', async () => {
    // Its nodes in its order (matmul.py of its quantization tools): a Gemm is a MatMul and an Add before, zero points are scalars.
    const codes = (name: string, count: number): string =>
      Array.from(seededTensor(name, [count], -127, 127).data as Float32Array, Math.round).join(', ');
    const operators = parseModel(`
        input x: float32[N, 37]
        constant w_quantized: int8[37, 30] = [${codes('w', 37 * 30)}]
        constant w_scale: float32[] = [0.01]
        constant w_zero_point: int8[] = [0]
        x_quantized, x_scale, x_zero_point = DynamicQuantizeLinear(x)
        h_scales = Mul(x_scale, w_scale)
        h_quantized = MatMulInteger(x_quantized, w_quantized, x_zero_point, w_zero_point)
        h_cast = Cast(h_quantized) { to: 1 }
        h_MatMul = Mul(h_cast, h_scales)
        constant b: float32[30] = random(2)
        h = Add(h_MatMul, b)
        r = Relu(h)
        constant v_quantized: int8[30, 13] = [${codes('v', 30 * 13)}]
        constant v_scale: float32[13] = random(3, 0.01, 0.02)
        constant v_zero_point: int8[13] = [${new Array(13).fill(0).join(', ')}]
        r_quantized, r_scale, r_zero_point = DynamicQuantizeLinear(r)
        y_scales = Mul(r_scale, v_scale)
        y_quantized = MatMulInteger(r_quantized, v_quantized, r_zero_point, v_zero_point)
        y_cast = Cast(y_quantized) { to: 1 }
        y = Mul(y_cast, y_scales)
        output y
      `);
    const file = writeOnnx(operators);
    const model = await readOnnx(file);
    const { plan } = await InferenceSession.create(model);
    expect(plan.map(({ op, implementation }) => `${op} ${implementation}`)).toEqual([
      ...['MatMul int8', 'Add float32', 'Relu float32', 'MatMul int8'],
    ]);
    const x = sample(4);
    const session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
    const { y } = await session.run({ x: new ort.Tensor('float32', toFloat32(x), [4, 37]) });
    const expected = await outputOf(model, x);
    const size = Math.max(...expected.map(Math.abs));
    // Operator by operator, in plain TypeScript, it is the same bit for bit.
    expect(operators.graph.nodesOf('MatMulInteger')).toHaveLength(2);
    expect(await outputOf(operators, x)).toEqual(expected);
    // In ONNX Runtime a scale that is rounded once more or less may turn a code of the second layer.
    for (const [i, value] of ((y as ort.Tensor).data as Float32Array).entries())
      expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(size * 2 ** -8);
  });

  test('makes way for measured ranges, but where a layer is excluded', async () => {
    const data = { calibration: memoryDataset('images', { x: image() }) };
    const pass = quantize({ exclude: ['k'], batchSize: 2 });
    const once = await quantized(images());
    const compressor = new Compressor({ plugins: [runtime, quantize] });
    const { model } = await compressor.run(once, [pass], { data, driftSamples: 0 });
    expect(model.graph.nodes.filter(isDynamicRange)).toHaveLength(1);
    const { plan } = await InferenceSession.create(model);
    expect(plan.filter(({ op }) => op === 'Conv').map(({ implementation }) => implementation)).toEqual(
      new Array(4).fill('int8'),
    );
  });

  test('changes nothing the second time', async () => {
    const once = await quantized(network());
    const { report } = await new Compressor({ plugins: [quantize] }).run(once, [
      quantize({ mode: 'dynamic' }),
    ]);
    expect(report.passes[0]?.modified).toBe(false);
  });

  test.each([0, 3, -3])('of inputs that are all %d is right to a code', async (value) => {
    const x = tensorOf('float32', new Float32Array(74).fill(value), [2, 37]);
    const [expected, actual] = [await outputOf(network(), x), await outputOf(await quantized(network()), x)];
    const size = Math.max(...expected.map(Math.abs));
    for (const [i, real] of expected.entries())
      expect(Math.abs(real - (actual[i] ?? NaN))).toBeLessThan(size * 0.02);
  });

  test('of an input that is no number gives none', async () => {
    const x = new Tensor('float32', new Float32Array(37).fill(NaN), [1, 37]);
    expect((await outputOf(await quantized(network()), x)).every(Number.isNaN)).toBe(true);
  });
});
