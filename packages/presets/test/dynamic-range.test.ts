import { existsSync, readFileSync } from 'node:fs';
import { isDynamicRange, type Model, toFloat32 } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { foldBatchNorm } from '@espalier/plugin-fold-batch-norm';
import { fuse } from '@espalier/plugin-fuse';
import { parseModel, seededTensor } from '@espalier/plugin-kit';
import { quantize } from '@espalier/plugin-quantize';
import { InferenceSession } from '@espalier/runtime';
import { readTflite, writeTflite } from '@espalier/tflite';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCompressor } from '../src/index.js';
import { everyLayer } from './every-layer.js';
import { startLiteRt } from './litert.js';

// LiteRT is the judge: it finds ranges of activations itself, where weights are int8 and activations are reals.

const resnet20 = new URL('../../../../shared/models/resnet20-cifar10.onnx', import.meta.url);

let liteRt: Awaited<ReturnType<typeof startLiteRt>>;
beforeAll(async () => {
  liteRt = await startLiteRt();
}, 60_000);

async function dynamic(model: Model, options: Parameters<typeof quantize>[0] = {}): Promise<Model> {
  const pass = quantize({ mode: 'dynamic', requantization: 'tflite', ...options });
  return (await createCompressor().run(model, [pass], { driftSamples: 0 })).model;
}

/** Outputs of our session, and of LiteRT, over some inputs. */
async function both(model: Model, file: Uint8Array, count: number): Promise<[number[], number[]]> {
  const [fed] = model.graph.inputs;
  const dims = (fed?.type?.dims ?? []).map((dim) => (typeof dim === 'number' ? dim : 1));
  const session = await InferenceSession.create(model);
  const loaded = await liteRt.load(file);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const x = seededTensor(`sample ${i}`, dims, -1, 2);
    const outputs = await session.run({ [fed?.name ?? '']: x });
    ours.push(...Object.values(outputs).flatMap((tensor) => Array.from(toFloat32(tensor))));
    theirs.push(...(await loaded.run([x], ['float32'])).flatMap((values) => Array.from(values, Number)));
  }
  loaded.release();
  await session.release();
  return [ours, theirs];
}

const products = [
  {
    name: 'a row by a matrix',
    x: '[1, 300]',
    layer: 'constant w: float32[300, 70] = random(1)\n y = MatMul(x, w)',
  },
  {
    name: 'rows by a matrix, each with a range',
    x: '[5, 37]',
    layer:
      'constant w: float32[21, 37] = random(1)\n constant b: float32[21] = random(2)\n y = Gemm(x, w, b) { transB: 1 }',
  },
  {
    name: 'a convolution with padding on one side',
    x: '[2, 5, 9, 9]',
    layer:
      'constant w: float32[12, 5, 3, 3] = random(1)\n constant b: float32[12] = random(2)\n y = Conv(x, w, b) { strides: [2, 2], pads: [0, 0, 1, 1] }',
  },
  {
    name: 'a convolution of pixels, each with a range',
    x: '[2, 16, 5, 5]',
    layer: 'constant w: float32[24, 16, 1, 1] = random(1)\n y = Conv(x, w)',
  },
  {
    name: 'a convolution of every second pixel',
    x: '[2, 16, 5, 5]',
    layer: 'constant w: float32[24, 16, 1, 1] = random(1)\n y = Conv(x, w) { strides: [2, 2] }',
  },
  {
    name: 'a convolution of groups',
    x: '[1, 16, 5, 5]',
    layer: 'constant w: float32[24, 8, 3, 3] = random(1)\n y = Conv(x, w) { group: 2, pads: [1, 1, 1, 1] }',
  },
  {
    name: 'a dilated convolution',
    x: '[1, 8, 9, 9]',
    layer:
      'constant w: float32[8, 8, 3, 3] = random(1)\n y = Conv(x, w) { dilations: [2, 2], pads: [2, 2, 2, 2] }',
  },
  {
    name: 'a convolution of each channel',
    x: '[2, 12, 7, 7]',
    layer: 'constant w: float32[12, 1, 3, 3] = random(1)\n y = Conv(x, w) { group: 12, pads: [1, 1, 1, 1] }',
  },
  {
    name: 'two results of each channel',
    x: '[2, 12, 7, 7]',
    layer:
      'constant w: float32[24, 1, 3, 3] = random(1)\n y = Conv(x, w) { group: 12, strides: [2, 2], pads: [1, 1, 1, 1] }',
  },
];

describe('dynamic-range .tflite files', () => {
  test.each(products)('$name computes here what LiteRT computes, bit for bit', async ({ x, layer }) => {
    const float = parseModel(`input x: float32${x}\n ${layer}\n output y`);
    const model = await dynamic(float);
    const file = writeTflite(model);
    const [ours, theirs] = await both(model, file, 8);
    expect(ours).toEqual(theirs);
    // In reals, with the same weights, it is something else.
    const [reals] = await both(
      (await createCompressor().run(float, [quantize({ mode: 'weight-only' })], { driftSamples: 0 })).model,
      file,
      8,
    );
    expect(reals).not.toEqual(ours);
    const again = readTflite(file);
    expect(again.requantization).toBe('tflite');
    expect(again.graph.nodes.filter(isDynamicRange)).toHaveLength(1);
    expect(ranges(again)).toEqual(ranges(model));
    expect((await both(again, file, 8))[0]).toEqual(ours);
  });

  test('one scale for a whole weight is written for each channel, where LiteRT reads one', async () => {
    const float = parseModel(`
      input x: float32[1, 12, 7, 7]
      constant w: float32[12, 1, 3, 3] = random(1)
      y = Conv(x, w) { group: 12 }
      output y
    `);
    const model = await dynamic(float, { granularity: 'tensor' });
    const [ours, theirs] = await both(model, writeTflite(model), 4);
    expect(ours).toEqual(theirs);
  });

  test('a network of all layers gives in LiteRT nearly what it gives here', async () => {
    const model = await dynamic(everyLayer());
    const file = writeTflite(model);
    const [ours, theirs] = await both(model, file, 6);
    // Other float32 layers differ in their last bits, which may turn a code of the next one.
    for (const [i, value] of ours.entries()) expect(Math.abs(value - (theirs[i] ?? NaN))).toBeLessThan(2e-3);
    const [again] = await both(readTflite(file), file, 6);
    for (const [i, value] of again.entries()) expect(Math.abs(value - (ours[i] ?? NaN))).toBeLessThan(2e-3);
  });

  test.skipIf(!existsSync(resnet20))(
    'ResNet-20 gives in LiteRT the logits that it gives here, bit for bit',
    async () => {
      const { model: float } = await createCompressor().run(
        await readOnnx(new Uint8Array(readFileSync(resnet20))),
        [fuse(), foldBatchNorm()],
        { driftSamples: 0 },
      );
      const model = await dynamic(float);
      const [ours, theirs] = await both(model, writeTflite(model), 6);
      expect(ours).toHaveLength(60);
      expect(ours).toEqual(theirs);
    },
  );

  test('int8 weights that are computed with in reals stay behind a DEQUANTIZE, and LiteRT computes so too', async () => {
    const pass = quantize({ mode: 'weight-only' });
    const { model } = await createCompressor().run(everyLayer(), [pass], { driftSamples: 0 });
    const file = writeTflite(model);
    const [ours, theirs] = await both(model, file, 6);
    for (const [i, value] of ours.entries()) expect(Math.abs(value - (theirs[i] ?? NaN))).toBeLessThan(1e-5);
    expect(readTflite(file).graph.nodes.some(isDynamicRange)).toBe(false);
  });

  test('what LiteRT has no hybrid kernel for is refused by name', async () => {
    const model = parseModel(`
      input x: float32[1, 12]
      constant w: float32[12, 12] = random(1)
      h = MatMul(x, w)
      y = Relu(h)
      output y
    `);
    const quantized = await dynamic(model);
    const [relu] = quantized.graph.nodesOf('Relu');
    const [rounded] = quantized.graph.nodes.filter(isDynamicRange);
    if (relu === undefined || rounded?.outputs[0] == null) throw new Error('The model has other nodes.');
    quantized.graph.setInput(relu, 0, rounded.outputs[0]);
    quantized.graph.removeDead();
    expect(() => writeTflite(quantized)).toThrow(/DynamicRange can't be written as .tflite: .*read by Relu/);
  });
});

/** The axes of all ranges. */
function ranges({ graph }: Model): readonly (readonly number[] | undefined)[] {
  return graph.nodes.filter(isDynamicRange).map((node) => {
    const rank = node.inputs[0]?.type?.dims?.length ?? 0;
    return node.attributes.ints('axes')?.map((axis) => (axis < 0 ? axis + rank : axis));
  });
}
