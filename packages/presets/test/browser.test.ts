import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleForPage, bundleToFiles, noBrowserReason, openBrowser } from '@espalier/config/browser';
import { weighPage } from '@espalier/config/page-weight';
import { readEspalier, writeEspalier } from '@espalier/container';
import { type Attribute, coreEncodings, Graph, ints, Model, Tensor, type Value } from '@espalier/core';
import { huffmanKind } from '@espalier/plugin-huffman';
import { rangeCoderKind } from '@espalier/plugin-range-coder';
import { InferenceSession } from '@espalier/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deepCompression, int8, recipes } from '../src/index.js';
import { textToBytes } from './bytes-as-text.js';
import { compressToFile } from './compress-to-file.js';

const modelFile = new URL('../../../../shared/models/resnet20-cifar10.onnx', import.meta.url);
const reason = noBrowserReason() ?? (fs.existsSync(modelFile) ? null : 'no ../shared beside the repository');
if (reason !== null) console.log(`Skipped: ${reason}`);

describe.skipIf(reason !== null)('in a page', () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let script: string;

  beforeAll(async () => {
    browser = await openBrowser();
    script = await bundleForPage(fileURLToPath(new URL('page-entry.ts', import.meta.url)));
  }, 120_000);
  afterAll(() => browser?.close());

  test.each(recipes)(
    'recipe $name gives the bytes it gives in Node',
    { timeout: 180_000 },
    async (recipe) => {
      const bytes = fs.readFileSync(modelFile, 'base64');
      const page = await browser.context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.addScriptTag({ content: script, type: 'module' });
      await page.waitForFunction(() => 'compressInPage' in globalThis);
      const inPage = await page.evaluate(([b, r]) => globalThis.compressInPage(b, r, 7), [
        bytes,
        recipe,
      ] as const);
      const inNode = await compressToFile(bytes, recipe, 7);
      await page.close();
      expect(errors).toEqual([]);
      expect(hash(inPage)).toBe(hash(inNode));
      expect(inNode.length).toBeGreaterThan(10_000);
    },
  );
});

declare global {
  var openModel: typeof import('./run-only-page.js').openModel;
}

const runOnlyPage = fileURLToPath(new URL('run-only-page.ts', import.meta.url));
const startPage = `<!doctype html><title>A model</title>
<script type="module">import { openModel } from '/page.js'; globalThis.openModel = openModel;</script>`;

describe.skipIf(reason !== null)('in a page that only runs models', () => {
  const origin = 'http://page.test/';
  const image = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.cos(i * 0.13) * 1.5);
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let script: Awaited<ReturnType<typeof bundleToFiles>>;

  beforeAll(async () => {
    browser = await openBrowser();
    script = await bundleToFiles(runOnlyPage);
  }, 120_000);
  afterAll(() => browser?.close());

  /** What the page gives for a file, and the scripts that it loaded. */
  async function inPage(
    model: Uint8Array,
  ): Promise<{ logits: readonly number[]; loaded: readonly string[] }> {
    const served = new Map<string, string | Buffer>(script.map(({ name, text }) => [name, text]));
    served.set('', startPage).set('model.espalier', Buffer.from(model));
    const loaded: string[] = [];
    const page = await browser.context.newPage();
    await page.route(`${origin}**`, (route) => {
      const name = route.request().url().slice(origin.length);
      if (name.endsWith('.js')) loaded.push(name);
      const contentType = name.endsWith('.js') ? 'text/javascript' : 'text/html';
      return route.fulfill({
        status: served.has(name) ? 200 : 404,
        contentType,
        body: served.get(name) ?? '',
      });
    });
    await page.goto(origin);
    await page.waitForFunction(() => 'openModel' in globalThis);
    const logits = await page.evaluate(runInPage, [...image]);
    await page.close();
    return { logits, loaded };
  }

  test.each([int8, deepCompression])(
    'ResNet-20 of the recipe $name gives the logits it gives in Node, bit for bit',
    { timeout: 120_000 },
    async (recipe) => {
      const model = textToBytes(await compressToFile(fs.readFileSync(modelFile, 'base64'), recipe, 7));
      expect((await inPage(model)).logits).toEqual(await runInNode(model, image));
    },
  );

  test('a network of convolutions loads what its weight is said to be, and no plain operators', async () => {
    const model = writeEspalier(smallNetwork());
    const { logits, loaded } = await inPage(model);
    expect(logits).toEqual(await runInNode(model, image));
    // What page-weight.test.ts counts as always loaded, with the heaviest binary of the kernels, is what a page loads.
    const { files } = await weighPage(runOnlyPage);
    const counted = files.filter(({ onDemand }) => !onDemand).map(({ name }) => name);
    expect(counted).not.toContain('operator-table.js');
    const anyBinary = (names: readonly string[]) =>
      names.map((name) => name.replace(/^.*-wasm/, 'wasm')).sort();
    expect(anyBinary(loaded)).toEqual(anyBinary(counted));
  });
});

/** Conv, Relu, MaxPool, Conv, Add, GlobalAveragePool, Flatten, Gemm. */
function smallNetwork(): Model {
  const graph = new Graph();
  const weights = (dims: readonly number[]) => {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => Math.sin(i * 0.7) / 4);
    return graph.constant(new Tensor('float32', data, dims));
  };
  const layer = (
    op: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ) => graph.apply({ op, inputs, attributes });
  const same = { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) };
  const image = graph.addInput('input', { dtype: 'float32', dims: ['N', 3, 32, 32] });
  const first = layer('Relu', [layer('Conv', [image, weights([8, 3, 3, 3]), weights([8])], same)]);
  const pooled = layer('MaxPool', [first], { kernel_shape: ints([2, 2]), strides: ints([2, 2]) });
  const second = layer('Add', [pooled, layer('Conv', [pooled, weights([8, 8, 3, 3])], same)]);
  const flat = layer('Flatten', [layer('GlobalAveragePool', [second])]);
  graph.addOutput(graph.apply({ op: 'Gemm', inputs: [flat, weights([8, 10])] }, 'logits'));
  return new Model(graph);
}

async function runInPage(image: number[]): Promise<number[]> {
  const session = await globalThis.openModel('model.espalier');
  const feeds = { input: { type: 'float32', data: Float32Array.from(image), dims: [1, 3, 32, 32] } };
  const { logits } = await session.run(feeds);
  return Array.from(logits?.data as Float32Array);
}

async function runInNode(bytes: Uint8Array, image: Float32Array): Promise<number[]> {
  const model = readEspalier(bytes, { encodings: [...coreEncodings, huffmanKind, rangeCoderKind] });
  const session = await InferenceSession.create(model);
  const { logits } = await session.run({ input: new Tensor('float32', image, [1, 3, 32, 32]) });
  return Array.from(logits?.data as Float32Array);
}

function hash(file: string): string {
  return createHash('sha256').update(file).digest('hex');
}
