import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleForPage, noBrowserReason, openBrowser } from '@espalier/config/browser';
import type { Recipe } from '@espalier/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { int8 } from '../src/index.js';
import { compressToFile } from './compress-to-file.js';
import { runOnThreads } from './threads-page.js';

const modelFile = new URL('../../../../shared/models/resnet20-cifar10.onnx', import.meta.url);
const noModel = fs.existsSync(modelFile) ? null : 'no ../shared beside the repository';
const noPage = noBrowserReason() ?? noModel;
if (noPage !== null) console.log(`Skipped: ${noPage}`);

const isolated = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const types: readonly { readonly type: string; readonly recipe: Recipe }[] = [
  { type: 'int8', recipe: int8 },
  { type: 'float32', recipe: { ...int8, steps: [] } },
];

interface Page {
  readonly runOnThreads: typeof runOnThreads;
}

describe.skipIf(noModel !== null)('threads', () => {
  let script: string;
  let folder: string;
  const files = new Map<string, string>();

  beforeAll(async () => {
    script = await bundleForPage(fileURLToPath(new URL('threads-page.ts', import.meta.url)));
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-threads-'));
    const bytes = fs.readFileSync(modelFile, 'base64');
    for (const { type, recipe } of types) files.set(type, await compressToFile(bytes, recipe, 7));
  }, 120_000);
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  test.each(types)(
    'ResNet-20 in $type gives the same bits on one thread and on two in Node',
    async ({ type }) => {
      const file = files.get(type) ?? '';
      expect(await runOnThreads(file, 2)).toEqual(await runOnThreads(file, 1));
    },
  );

  test('a program with a session that was not released ends by itself', async () => {
    fs.writeFileSync(path.join(folder, 'bundle.mjs'), script);
    fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify(files.get('int8')));
    const program = `
      import fs from 'node:fs';
      import { runOnThreads } from './bundle.mjs';
      const results = await runOnThreads(JSON.parse(fs.readFileSync('model.json', 'utf8')), 3);
      console.log(results.length);`;
    fs.writeFileSync(path.join(folder, 'program.mjs'), program);
    const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], {
      cwd: folder,
      timeout: 30_000,
    });
    expect(stdout.trim()).toBe('110');
  });

  describe.skipIf(noPage !== null)('in a page', () => {
    let browser: Awaited<ReturnType<typeof openBrowser>>;
    beforeAll(async () => {
      browser = await openBrowser();
    }, 60_000);
    afterAll(() => browser?.close());

    async function inPage(headers: Record<string, string>, file: string, threads: number | 'auto') {
      const page = await browser.context.newPage();
      const start = `<!doctype html><title>Threads</title><script type="module">
        import { runOnThreads } from '/page.js'; globalThis.runOnThreads = runOnThreads;</script>`;
      await page.route('https://threads.test/**', (route) => {
        const isScript = route.request().url().endsWith('.js');
        const contentType = isScript ? 'text/javascript' : 'text/html';
        return route.fulfill({
          contentType,
          headers: { ...headers, 'Content-Type': contentType },
          body: isScript ? script : start,
        });
      });
      await page.goto('https://threads.test/');
      await page.waitForFunction(() => 'runOnThreads' in globalThis);
      const result = await page.evaluate(
        async ([model, count]) => ({
          isolated: globalThis.crossOriginIsolated,
          // The page has set it, see above.
          logits: await (globalThis as unknown as Page)
            .runOnThreads(model, count)
            .catch((error: Error & { code: string }) => `${error.code}: ${error.message}`),
        }),
        [file, threads] as const,
      );
      await page.close();
      return result;
    }

    test.each(types)('ResNet-20 in $type on two threads gives the bits of Node on one', async ({ type }) => {
      const file = files.get(type) ?? '';
      const inNode = await runOnThreads(file, 1);
      expect(await inPage(isolated, file, 2)).toEqual({ isolated: true, logits: inNode });
    });

    test('without isolation, two threads are refused by name, and auto is one', async () => {
      const file = files.get('int8') ?? '';
      const { logits } = await inPage({}, file, 2);
      expect(logits).toMatch(/^UNSUPPORTED: .*not cross-origin isolated/);
      expect(await inPage({}, file, 'auto')).toEqual({
        isolated: false,
        logits: await runOnThreads(file, 1),
      });
    });

    test('a content security policy without workers is named', async () => {
      const policy = { 'Content-Security-Policy': "default-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'" };
      const { logits } = await inPage({ ...isolated, ...policy }, files.get('int8') ?? '', 2);
      expect(logits).toMatch(/^THREAD: .*worker-src blob:/);
    });
  });
});
