import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seriousFaults } from './axe.js';
import { type OpenPage, openPage, reason } from './open-page.js';

const home = fileURLToPath(new URL('../', import.meta.url));

describe.skipIf(reason !== null)('two pipelines', () => {
  let opened: OpenPage;
  let page: Page;
  let a: Locator;

  const hash = (): Promise<string | null> => page.getByTestId('hash-A').textContent();
  /** The hash once what the cards say has been run. */
  const settled = async (): Promise<string | null> => {
    await a.locator('.side-result[aria-busy="false"]').waitFor();
    return hash();
  };
  const names = (): Promise<readonly string[]> => a.locator('.step h3').allTextContents();

  beforeAll(async () => {
    opened = await openPage('#pipeline');
    page = opened.page;
    a = page.getByRole('region', { name: 'Pipeline A' });
    await page.getByTestId('hash-A').waitFor();
    await page.getByTestId('hash-B').waitFor();
  });
  afterAll(() => opened?.close());

  test('give code that makes the same file', async () => {
    await a.getByRole('button', { name: 'Code', exact: true }).click();
    const code = await a.locator('pre').textContent();
    // In the package's folder, whose dependencies it finds.
    const folder = await mkdtemp(join(home, '.test-'));
    try {
      await copyFile(
        join(home, '../reproduce/models/lenet-300-100.onnx'),
        join(folder, 'lenet-300-100.onnx'),
      );
      await writeFile(join(folder, 'compress.mjs'), code ?? '');
      await promisify(execFile)(process.execPath, ['compress.mjs'], { cwd: folder });
      const bytes = await readFile(join(folder, 'lenet-300-100.espalier'));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(await hash());
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('are put into another order by keys and by dragging, and say what core makes of it', async () => {
    const before = await settled();
    await a.getByRole('button', { name: 'Move huffman up' }).focus();
    await page.keyboard.press('Enter');
    expect(await names()).toEqual(['fuse', 'fold-batch-norm', 'prune', 'huffman', 'share-weights']);
    await a.getByText('Runs after share-weights: that pass has to come first.').waitFor();
    await a
      .getByText('The steps run in the order fuse, fold-batch-norm, prune, share-weights, huffman')
      .waitFor();
    expect(await settled()).toBe(before);
    await a.locator('.step', { hasText: 'huffman' }).locator('.grip').dragTo(a.locator('.step').last());
    expect((await names()).at(-1)).toBe('huffman');
  });

  test('have forms whose values core checks', async () => {
    const card = a.locator('.step', { hasText: 'share-weights' });
    await card.getByText('Options').click();
    const bits = card.getByLabel('bits', { exact: true });
    await bits.fill('17');
    await bits.blur();
    await expect.poll(() => card.getByRole('alert').textContent()).toMatch(/"share-weights.bits" is 17/);
    await bits.fill('3');
    await bits.blur();
    await expect.poll(() => card.getByRole('alert').count()).toBe(0);
    await settled();
    await expect
      .poll(() => page.evaluate(() => location.hash))
      .toContain(btoa(JSON.stringify({ pass: 'share-weights' })).slice(4, 16));
  });

  test('that contradict themselves are refused in core’s own words', async () => {
    await a.getByLabel('Pass to add to A').selectOption('budget');
    await a.getByRole('button', { name: 'Add', exact: true }).click();
    await a.getByText(`can't be in one pipeline`).waitFor();
    expect(await a.getByRole('button', { name: 'Run A' }).isDisabled()).toBe(true);
    await a.getByRole('button', { name: 'Remove budget' }).click();
    await expect.poll(() => a.getByText(`can't be in one pipeline`).count()).toBe(0);
  });

  test('leave a layer alone at a click on its bar', async () => {
    const before = await settled();
    const bar = a.locator('.layer-bar', { hasText: 'fc3.weight' });
    await bar.click();
    await expect.poll(() => bar.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(settled).not.toBe(before);
    await bar.click();
    await expect.poll(settled).toBe(before);
  });

  test('are in the address, and what is wrong with one is said', async () => {
    const before = await settled();
    await page.reload();
    await page.getByTestId('hash-A').waitFor();
    expect(await settled()).toBe(before);
    for (const [address, says] of [
      ['a=@@@', 'no recipe that can be read'],
      [`a=${btoa('["prunne"]')}`, 'Did you mean "prune"?'],
      [`a=${btoa('[{"pass":"prune","options":{"density":"all"}}]')}`, '"prune.density" is "all"'],
    ] as const) {
      await page.goto(`${opened.url}#pipeline?${address}`);
      await page.getByRole('alert').filter({ hasText: says }).waitFor();
      expect(await names()).toContain('prune');
    }
  });

  test('have no serious accessibility fault, and fit 390 pixels', async () => {
    for (const summary of await a.locator('details.options summary').all()) await summary.click();
    expect(await seriousFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(opened.errors).toEqual([]);
  });
});
