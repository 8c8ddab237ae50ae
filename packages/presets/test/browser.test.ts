import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleForPage, noBrowserReason, openBrowser } from '@espalier/config/browser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recipes } from '../src/index.js';
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
      const bytes = [...fs.readFileSync(modelFile)];
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

function hash(bytes: readonly number[]): string {
  return createHash('sha256').update(Uint8Array.from(bytes)).digest('hex');
}
