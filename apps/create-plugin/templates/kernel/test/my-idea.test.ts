import { EXECUTOR, resolveAll, tensorOf } from '@espalier/core';
import { checkPlugin, parseModel } from '@espalier/plugin-kit';
import { createCompressor } from '@espalier/presets';
import { describe, expect, test } from 'vitest';
import { myIdea } from '../src/index.js';
import { quickGelu } from '../src/quick-gelu.js';

// Every promise that a plugin makes: it registers each name once, inputs are left alone, …
checkPlugin(myIdea);

describe('QuickGelu', () => {
  test.each([
    { x: 0, y: 0 },
    { x: 1, y: 0.8458 },
    { x: -1, y: -0.1542 },
    { x: 100, y: 100 },
    { x: -Infinity, y: -0 },
    { x: Infinity, y: Infinity },
    { x: NaN, y: NaN },
  ])('of $x is $y', ({ x, y }) => {
    const [found = NaN] = quickGelu(Float32Array.of(x), 1.702);
    if (Number.isFinite(x)) expect(found).toBeCloseTo(y, 4);
    else expect(found).toBe(y);
  });
});

test('a model with it runs, beside layers that Espalier computes', async () => {
  const model = parseModel(`
    input x: float32[1, 2]
    h: float32[1, 2] = com.microsoft.QuickGelu(x) { alpha: 1.0 }
    constant w: float32[2, 2] = [1, 1, 0, 2]
    y = MatMul(h, w)
    output y
  `);
  const [executor] = resolveAll(createCompressor([myIdea]).container, EXECUTOR);
  const execution = await executor?.prepare(model);
  const outputs = await execution?.run({ x: tensorOf('float32', [1, -2], [1, 2]) });
  execution?.dispose();
  const [a, b] = [1 / (1 + Math.exp(-1)), -2 / (1 + Math.exp(2))];
  expect(outputs?.['y']?.data[0]).toBeCloseTo(a, 5);
  expect(outputs?.['y']?.data[1]).toBeCloseTo(a + 2 * b, 5);
});
