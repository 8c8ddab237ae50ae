import { Compressor, type Model, Tensor } from '@espalier/core';
import { readOnnx, writeOnnx } from '@espalier/onnx';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { parseModel, seededTensor } from '@espalier/plugin-kit';
import { InferenceSession } from '@espalier/runtime';
import * as ort from 'onnxruntime-node';
import * as ortWeb from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { quantize } from '../src/index.js';
import { cifar, cifarIsThere, resnetBytes } from './support/cifar.js';
import { runtime, samples } from './support/samples.js';

const dims = [1, 3, 6, 6];

const network = (): Model =>
  parseModel(`
    input x: float32[1, 3, 6, 6]
    constant w: float32[4, 3, 3, 3] = random(1)
    constant b: float32[4] = random(2)
    constant k: float32[4, 2, 2, 2] = random(6)
    constant m: float32[72, 5] = random(3)
    constant n: float32[5] = random(4)
    constant v: float32[5, 6] = random(5)
    a = Conv(x, w, b) { pads: [1, 1, 1, 1] }
    r = Relu(a)
    g = Sigmoid(r)
    s = Add(r, g)
    p = MaxPool(s) { kernel_shape: [2, 2], strides: [2, 2] }
    u = ConvTranspose(p, k) { strides: [2, 2] }
    h = Sigmoid(u)
    d = Sub(u, h)
    f = Flatten(d)
    q = Gemm(f, m, n)
    l = LeakyRelu(q)
    y = MatMul(l, v)
    output y
  `);

async function quantized(model: Model): Promise<Model> {
  const compressor = new Compressor({ plugins: [runtime, quantize] });
  const data = { calibration: samples(dims) };
  return (await compressor.run(model, [quantize()], { data, driftSamples: 0 })).model;
}

/** The operators of a file, as they are written. */
async function operators(bytes: Uint8Array): Promise<readonly string[]> {
  const text = new TextDecoder('latin1').decode(bytes);
  return ['QLinearConv', 'QGemm', 'QLinearMatMul', 'QLinearAdd', 'QLinearSigmoid', 'QLinearLeakyRelu'].filter(
    (op) => text.includes(op),
  );
}

async function runNode(bytes: Uint8Array, x: Tensor): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(bytes);
  const [output = ''] = session.outputNames;
  const feeds = {
    [session.inputNames[0] ?? '']: new ort.Tensor('float32', x.data as Float32Array, [...x.dims]),
  };
  return (await session.run(feeds))[output]?.data as Float32Array;
}

async function runWeb(bytes: Uint8Array, x: Tensor): Promise<Float32Array> {
  ortWeb.env.wasm.numThreads = 1;
  const session = await ortWeb.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const [output = ''] = session.outputNames;
  const feeds = {
    [session.inputNames[0] ?? '']: new ortWeb.Tensor('float32', x.data as Float32Array, [...x.dims]),
  };
  return (await session.run(feeds))[output]?.data as Float32Array;
}

describe('ONNX with quantized operators', () => {
  test('has them, and computes what Q/DQ pairs do, to a code, in onnxruntime-node and -web', async () => {
    const model = await quantized(network());
    const bytes = writeOnnx(model, { quantized: 'qoperator' });
    expect(await operators(bytes)).toHaveLength(6);
    expect(await operators(writeOnnx(model))).toEqual([]);
    const step = model.graph.value('y')?.type?.quantization?.scale[0] ?? NaN;
    const x = seededTensor('sample 0', dims, -1, 1);
    const expected = await runNode(writeOnnx(model), x);
    for (const actual of [await runNode(bytes, x), await runWeb(bytes, x)]) {
      // Each of six layers may round a code apart: onnxruntime fuses the pairs where it can.
      for (const [i, value] of actual.entries())
        expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThanOrEqual(2.001 * step);
    }
  });

  test('is read as values on grids, which the int8 kernels compute', async () => {
    const model = await quantized(network());
    const again = await readOnnx(writeOnnx(model, { quantized: 'qoperator' }));
    const x = seededTensor('sample 0', dims, -1, 1);
    const outputs: unknown[] = [];
    for (const one of [model, again]) {
      const session = await InferenceSession.create(one);
      for (const { op, implementation } of session.plan)
        expect(`${op}: ${implementation}`).toBe(`${op}: int8`);
      outputs.push(await session.run({ x }));
      await session.release();
    }
    expect(outputs[1]).toEqual(outputs[0]);
  });

  test('is what it was where nothing is quantized', async () => {
    expect(writeOnnx(network(), { quantized: 'qoperator' })).toEqual(writeOnnx(network()));
  });

  test('keeps a Relu whose grid reaches below zero', async () => {
    const model = await quantized(network());
    const [relu] = model.graph.nodesOf('Relu');
    const value = relu?.outputs[0];
    const known = value?.type?.quantization;
    if (value == null || known === undefined) throw new Error('no quantized Relu');
    model.graph.setType(value, {
      dtype: 'float32',
      dims: value.type?.dims ?? null,
      quantization: { ...known, zeroPoint: Int32Array.of(0) },
    });
    const text = new TextDecoder('latin1').decode(writeOnnx(model, { quantized: 'qoperator' }));
    expect(text).toContain('Relu');
    expect(text).not.toContain('QLinearConv');
  });

  test.skipIf(!cifarIsThere)(
    'of ResNet-20 gives the classes of Q/DQ pairs in onnxruntime-node and -web, over real images',
    { timeout: 300_000 },
    async () => {
      const compressor = new Compressor({ plugins: [runtime, foldBatchNorm, quantize] });
      const data = { calibration: cifar('calib') };
      const steps = [foldBatchNorm(), quantize({ samples: 32 })];
      const { model } = await compressor.run(await readOnnx(resnetBytes()), steps, { data, driftSamples: 0 });
      const bytes = writeOnnx(model, { quantized: 'qoperator' });
      const pairs = writeOnnx(model);
      const step = model.graph.value('logits')?.type?.quantization?.scale[0] ?? NaN;
      for await (const { feeds } of cifar('test').batches(32, 32)) {
        const x = feeds['input'] ?? new Tensor('float32', new Float32Array());
        const expected = await runNode(pairs, x);
        for (const actual of [await runNode(bytes, x), await runWeb(bytes, x), await runWeb(pairs, x)]) {
          const off = actual.filter((value, i) => Math.abs(value - (expected[i] ?? NaN)) > 3.001 * step);
          expect(off.length).toBeLessThanOrEqual(actual.length / 100);
        }
      }
    },
  );
});
