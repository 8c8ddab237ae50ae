import { AbortedError, Compressor } from '@espalier/core';
import { parseModel } from '@espalier/plugin-kit';
import { RuntimeExecutor } from '@espalier/runtime';
import { expect, test } from 'vitest';
import { diagnose, quantize } from '../src/index.js';
import { runtime, samples } from './support/samples.js';

const dims = [1, 3, 6, 6];

test('a diagnosis stops where its signal says so', async () => {
  const reference = parseModel(`
    input x: float32[N, 3, 6, 6]
    constant w: float32[4, 3, 3, 3] = random(1)
    y = Conv(x, w, _) { pads: [1, 1, 1, 1] }
    output y
  `);
  const data = samples(dims);
  const compressor = new Compressor({ plugins: [runtime, quantize] });
  const { model: quantized } = await compressor.run(reference, [quantize()], {
    data: { calibration: data },
    driftSamples: 0,
  });
  const request = { reference, quantized, executor: new RuntimeExecutor(), data, samples: 4 };
  const { layers } = await diagnose(request);
  expect(layers.map(({ name }) => name)).toContain('y');

  const cancel = new AbortController();
  // From the event loop, as Ctrl-C comes.
  setTimeout(() => cancel.abort(), 0);
  await expect(diagnose({ ...request, signal: cancel.signal })).rejects.toThrow(AbortedError);
});
