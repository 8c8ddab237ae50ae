import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliBytes } from '@espalier/config/page-weight';
import type { Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seriousFaults } from './axe.js';
import { countWork, fileMade, longestTask, type OpenPage, openPage, reason } from './open-page.js';

const command = fileURLToPath(new URL('../../cli/dist/cli.js', import.meta.url));
const model = fileURLToPath(new URL('../../reproduce/models/lenet-300-100.onnx', import.meta.url));

describe.skipIf(reason !== null)('the opening screen', () => {
  let opened: OpenPage;
  let folder: string;
  const weights = new Map<string, number>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'espalier-playground-'));
    opened = await openPage('#digit?kept=0.3&bits=4&init=linear');
    const fetched: Promise<void>[] = [];
    const weigh = async (response: Response): Promise<void> => {
      const { pathname } = new URL(response.url());
      if (!/models|digits/.test(pathname)) weights.set(pathname, brotliBytes(await response.body()));
    };
    const listen = (response: Response): void => void fetched.push(weigh(response));
    opened.page.on('response', listen);
    // Once more, with the listener there from the start.
    await opened.page.reload();
    await fileMade(opened.page);
    opened.page.off('response', listen);
    await Promise.all(fetched);
  });
  afterAll(async () => {
    await opened?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('is loaded with at most 400,000 bytes, models and digits aside', () => {
    const total = [...weights.values()].reduce((sum, bytes) => sum + bytes, 0);
    console.log(`First load: ${total} bytes behind brotli in ${weights.size} files.`);
    expect(total).toBeLessThan(400_000);
    expect(total).toBeGreaterThan(100_000);
  });

  test('makes the file that the command makes of the same recipe and seed', async () => {
    const { page } = opened;
    const hash = await fileMade(page);
    const save = async (button: string, name: string): Promise<string> => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      const path = join(folder, name);
      await file.saveAs(path);
      return path;
    };
    const [inPage, recipe] = [
      await save('Download the file', 'page.espalier'),
      await save('Recipe', 'recipe.json'),
    ];
    const byCommand = join(folder, 'command.espalier');
    const args = [command, 'compress', model, '-o', byCommand, '--recipe', recipe, '--seed', '1'];
    await promisify(execFile)(process.execPath, args);
    const bytes = await readFile(inPage);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash);
    expect(bytes.equals(await readFile(byCommand))).toBe(true);
  });

  test('reads what is drawn, with the pointer and with keys', async () => {
    const { page } = opened;
    const digit = page.locator('.verdict-digit');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => digit.textContent()).toBe('–');
    const box = await page.locator('.sheet canvas').boundingBox();
    if (box === null) throw new Error('There is no sheet.');
    const at = (x: number, y: number): readonly [number, number] => [
      box.x + x * box.width,
      box.y + y * box.height,
    ];
    await page.mouse.move(...at(0.3, 0.22));
    await page.mouse.down();
    await page.mouse.move(...at(0.7, 0.22), { steps: 6 });
    await page.mouse.move(...at(0.45, 0.8), { steps: 10 });
    await page.mouse.up();
    await expect.poll(() => digit.textContent()).toBe('7');
    // A straight line down, by keys alone.
    await page.locator('.sheet canvas').focus();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Space');
    for (let i = 0; i < 14; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await expect.poll(() => digit.textContent()).toBe('1');
  });

  test('answers a slider while it moves, with the work in a worker', async () => {
    const { page } = opened;
    await page.getByRole('button', { name: 'example of 3' }).click();
    await longestTask(page);
    await page.evaluate(() => performance.clearMeasures());
    const work = await countWork(page);
    const slider = page.getByRole('slider', { name: 'Weights kept' });
    await slider.focus();
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press(i < 15 ? 'ArrowLeft' : 'ArrowRight');
      await page.waitForTimeout(20);
    }
    await fileMade(page);
    const times = await page.evaluate(() =>
      performance.getEntriesByName('slider to prediction').map(({ duration }) => duration),
    );
    const sorted = times.sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? 0;
    const { steps, wasm } = await work();
    console.log(
      `Slider to prediction: median ${median.toFixed(1)} ms of ${sorted.length}; longest task ${await longestTask(page)} ms, ${steps} steps.`,
    );
    expect(sorted.length).toBeGreaterThan(5);
    expect(wasm).toBe(0);
    // Some 1,100 an answer. The network has 266,200 weights: whoever prunes them here takes a step for each.
    expect(steps / sorted.length).toBeLessThan(20_000);
  });

  test('retrains in a worker, and stops when it is told to', async () => {
    const { page } = opened;
    const before = await fileMade(page);
    await longestTask(page);
    const work = await countWork(page);
    await page.getByRole('button', { name: 'Retrain' }).click();
    await page.getByText('Pruning and retraining: epoch').waitFor();
    const progress = page.getByRole('progressbar', { name: 'Retraining' });
    await expect.poll(async () => Number(await progress.getAttribute('value'))).toBeGreaterThan(0.025);
    const { steps, wasm } = await work();
    console.log(`Retraining: longest task of the page ${await longestTask(page)} ms, ${steps} steps.`);
    expect(wasm).toBe(0);
    // Some 110,000, of drawing the progress; training here would take millions.
    expect(steps).toBeLessThan(1_000_000);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Retrain' }).waitFor();
    expect(await fileMade(page)).toBe(before);
    expect(await page.getByRole('alert').filter({ hasText: /./ }).count()).toBe(0);
  });

  test('has no serious accessibility fault, light or dark', async () => {
    const { page } = opened;
    for (const name of ['Dark colours', 'Light colours']) {
      expect(await seriousFaults(page)).toEqual([]);
      await page.getByRole('button', { name }).click();
    }
  });

  test('fits a screen of 390 pixels', async () => {
    const { page } = opened;
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test('says what is wrong with an address, and goes on', async () => {
    const { page, url } = opened;
    await page.goto(`${url}#digit?kept=7&bits=2.5&init=none`);
    const alert = page.getByRole('alert').filter({ hasText: 'kept is "7"' });
    await expect.poll(() => alert.textContent()).toContain('bits is "2.5"');
    await page.goto(`${url}#digit?kept=0.5&bits=3`);
    await expect.poll(() => page.getByRole('slider', { name: 'Bits' }).inputValue()).toBe('3');
    await fileMade(page);
  });

  test('opens without a network once it was open', async () => {
    const { page } = opened;
    await page.getByText('works offline').waitFor();
    await page.context().setOffline(true);
    await page.reload();
    expect(await fileMade(page)).toMatch(/^[0-9a-f]{64}$/);
    await page.context().setOffline(false);
  });

  test('threw nothing all the while', () => {
    expect(opened.errors).toEqual([]);
  });
});

describe.skipIf(reason !== null)('a browser without WebAssembly SIMD', () => {
  test('is told so, and makes the file all the same', async () => {
    const { page, url, close } = await openPage('#code');
    try {
      await page.context().route(/assets\/worker-.*\.js/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({
          response,
          body: `WebAssembly.validate = () => false;${await response.text()}`,
        });
      });
      await page.goto(`${url}#digit`);
      await page.reload();
      expect(await fileMade(page)).toMatch(/^[0-9a-f]{64}$/);
      await page.locator('.figures', { hasText: 'WebAssembly SIMD is missing here' }).waitFor();
    } finally {
      await close();
    }
  });
});
