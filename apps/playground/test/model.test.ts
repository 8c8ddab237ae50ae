import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEspalier } from '@espalier/container';
import { coreEncodings } from '@espalier/core';
import { huffmanKind } from '@espalier/plugin-huffman';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seriousFaults } from './axe.js';
import { chainOfLayers } from './made-models.js';
import { countWork, longestTask, type OpenPage, openPage, reason } from './open-page.js';
import { rendererBytes } from './renderer-memory.js';

describe.skipIf(reason !== null)('a model of the reader', () => {
  let opened: OpenPage;
  let page: Page;
  let folder: string;

  const file = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  const open = (path: string): Promise<void> => page.getByLabel('Model file').setInputFiles(path);
  const title = (): Promise<string | null> => page.locator('.model-title').textContent();
  const alert = (text: string | RegExp): Locator => page.getByRole('alert').filter({ hasText: text });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'espalier-playground-'));
    opened = await openPage('#model');
    page = opened.page;
    await page.locator('.node').first().waitFor();
  });
  afterAll(async () => {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('of 260 nodes is drawn, a part at a time, and gone through by keys', async () => {
    await open(await file('chain.onnx', chainOfLayers(130, 8)));
    await expect.poll(title).toBe('chain.onnx');
    await page.locator('.node', { hasText: 'layer0' }).first().click();
    expect(await page.locator('.node').count()).toBeLessThan(60);
    for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowDown');
    const chosen = page.locator('.node[aria-pressed="true"]');
    await expect.poll(() => chosen.textContent()).toContain('layer20');
    await page.locator('.details', { hasText: 'layer20.weight' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
  });

  test('of 25 MB goes through int8 in less than 600 MB, and the page stays awake', async () => {
    await open(await file('large.onnx', chainOfLayers(25, 512)));
    await expect.poll(title).toBe('large.onnx');
    await longestTask(page);
    const work = await countWork(page);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, rendererBytes());
    }, 100);
    await page.getByRole('radio', { name: 'int8', exact: true }).check();
    await page.getByRole('button', { name: 'Make it small' }).click();
    await page.locator('.result').waitFor();
    const { steps, wasm } = await work();
    console.log(
      `25 MB through int8: longest task of the page ${await longestTask(page)} ms, ${steps} steps.`,
    );
    expect(wasm).toBe(0);
    // Some 45,000; the model has 6,500,000 weights.
    expect(steps).toBeLessThan(1_000_000);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download .espalier' }).click(),
    ]);
    clearInterval(watch);
    const bytes = await readFile(await saved.path());
    console.log(
      `25 MB through int8: ${(most / 1e6).toFixed(0)} MB at the most, ${bytes.length} bytes come out.`,
    );
    expect(most).toBeLessThan(600e6);
    expect(bytes.length).toBeLessThan(8e6);
    expect(readEspalier(bytes, { encodings: [...coreEncodings, huffmanKind] }).weights()).toHaveLength(25);
  });

  test('shows what each pass did', async () => {
    await page.locator('.stage', { hasText: 'quantize' }).click();
    await expect.poll(() => page.locator('.diff-line').textContent()).toContain('25 changed');
    await page.locator('.stage', { hasText: 'as it came' }).click();
    await expect.poll(() => page.locator('.diff-line').count()).toBe(0);
  });

  test.each([
    { name: 'notes.txt', content: 'Not a model.', says: /no model file that is known/ },
    { name: 'empty.onnx', content: '', says: /file is empty/ },
    { name: 'cut.onnx', content: chainOfLayers(2, 16).subarray(0, 700), says: /./ },
    { name: 'flipped.espalier', content: new Uint8Array(4096).fill(0xff), says: /./ },
  ])('that is none is refused, and the open one stays: $name', async ({ name, content, says }) => {
    await open(await file(name, content));
    await alert(says).waitFor();
    expect(await title()).toBe('large.onnx');
    await page.getByRole('button', { name: 'Close this message' }).click();
  });

  test('of 2 GB is refused unread', async () => {
    const path = await file('huge.onnx', '');
    await truncate(path, 2 * 2 ** 30);
    await open(path);
    await alert('2048 MB').waitFor();
    expect(await alert('npx espalier compress').count()).toBe(1);
    expect(await title()).toBe('large.onnx');
  });

  test('is open again after its worker died', async () => {
    await open(await file('small.onnx', chainOfLayers(3, 16)));
    await expect.poll(title).toBe('small.onnx');
    const run = page.getByRole('button', { name: 'Make it small' });
    // The worker that has the model is the first that was started.
    const [studio] = page.workers().filter((worker) => /\/worker-/.test(worker.url()));
    await studio?.evaluate(() => {
      setTimeout(() => globalThis.close(), 50);
    });
    await page.waitForTimeout(300);
    await run.click();
    await page.locator('.result').waitFor();
    expect(await title()).toBe('small.onnx');
  });

  test('fits a screen of 390 pixels', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  test('threw nothing all the while', () => {
    expect(opened.errors).toEqual([]);
  });
});
