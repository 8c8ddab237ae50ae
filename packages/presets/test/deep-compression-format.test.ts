import { existsSync, readFileSync } from 'node:fs';
import { type Model, readModel, type Step } from '@espalier/core';
import { huffman } from '@espalier/plugin-huffman';
import { rangeCoder } from '@espalier/plugin-range-coder';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCompressor } from '../src/index.js';

const file = new URL(
  '../../../../shared/models/squeezenet-deep-compression/compressed_SqueezeNet.net',
  import.meta.url,
);
const absent = !existsSync(file);
if (absent) console.warn('Skipped: no shared/models/squeezenet-deep-compression beside the repository.');

describe.skipIf(absent)('the SqueezeNet of Deep Compression, coded again', () => {
  const compressor = createCompressor();
  let model: Model;
  beforeAll(async () => {
    if (!absent) model = await readModel(compressor.container, new Uint8Array(readFileSync(file)));
  });

  // The authors' file has 675,763 bytes and no graph; the entropy of its streams, its codebooks and biases are 541,576.
  test.each<{ readonly coder: string; readonly step: Step; readonly most: number }>([
    { coder: 'huffman', step: huffman(), most: 562_000 },
    { coder: 'range-coder', step: rangeCoder(), most: 535_000 },
  ])(
    'with $coder takes at most $most bytes',
    async ({ step, most }) => {
      const { report } = await compressor.run(model, [step], { reportWeights: false });
      expect(report.sizeFormat).toBe('espalier');
      expect(report.sizeBytesAfter).toBeLessThanOrEqual(most);
    },
    180_000,
  );
});
