import { memoryDataset } from '@espalier/core';
import { parseModel, seededTensor } from '@espalier/plugin-kit';
import { createCompressor } from '@espalier/presets';
import { expect, test } from 'vitest';
import { Quantizer } from './quantized-run.js';

test('layers are equalized where settings say so', async () => {
  const model = parseModel(`
    input x: float32[N, 1, 2, 2]
    constant w: float32[2, 1, 1, 1] = [4, 0.25]
    constant v: float32[1, 2, 1, 1] = [1, 16]
    a = Conv(x, w)
    r = Relu(a)
    y = Conv(r, v)
    output y
  `);
  const calibration = memoryDataset('seeded', { x: seededTensor('samples', [4, 1, 2, 2], -1, 1) });
  const { signal } = new AbortController();
  const quantizer = new Quantizer(createCompressor(), model, { calibration }, signal);
  for (const equalize of [false, true]) {
    const settings = { quantize: { granularity: 'tensor' }, equalize } as const;
    const { reference } = await quantizer.quantize(settings);
    const weights = reference.graph.value('w')?.constant?.decode().data as Float32Array; // of float32
    const [large = 0, small = 0] = weights;
    expect(large / small < 16).toBe(equalize);
  }
  expect(Object.fromEntries(await quantizer.renamedByEqualizing())).toEqual({
    a: 'a_equalized',
    r: 'r_equalized',
  });
});
