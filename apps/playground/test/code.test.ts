import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seriousFaults } from './axe.js';
import { type OpenPage, openPage, reason } from './open-page.js';

/** A pass of which only the run is of interest. */
const passThat = (
  does: string,
): string => `import { definePassPlugin, defineOptions, PASS } from '@espalier/core';
export const mine = definePassPlugin({
  id: 'mine',
  about: 'A test.',
  options: defineOptions({}),
  register: (container) => container.register(PASS, { useValue: { name: 'mine', effect: 'lossy', run(model: any) { ${does} } } }),
});`;

describe.skipIf(reason !== null)('a pass that is written in the page', () => {
  let opened: OpenPage;
  let page: Page;
  let result: Locator;
  const alert = (text: string | RegExp): Locator => page.getByRole('alert').filter({ hasText: text });
  const run = async (source: string): Promise<void> => {
    const editor = page.getByRole('textbox', { name: 'The pass, in TypeScript' });
    await editor.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(source);
    await page.keyboard.press('Control+Enter');
  };

  beforeAll(async () => {
    opened = await openPage('#code');
    page = opened.page;
    result = page.getByRole('region', { name: 'Result' });
    await page.getByRole('button', { name: 'Run the pass' }).and(page.locator(':enabled')).waitFor();
  });
  afterAll(() => opened?.close());

  test('runs on the open model: the one that is there', async () => {
    await page.getByRole('button', { name: 'Run the pass' }).click();
    await result.getByText('weights.rounded 266,200').waitFor();
    await result.getByText(/fc1\.weight -\d/).waitFor();
    expect(await result.locator('.code-figures').textContent()).toMatch(/Read right9\d\.\d %/);
    expect(await seriousFaults(page)).toEqual([]);
  });

  test.each([
    { name: 'does not compile', source: 'const x = ;', says: /can't be read: .*\(1:11\)/ },
    { name: 'exports no pass', source: 'export const x = 1;', says: 'exports no pass' },
    {
      name: 'imports what is not there',
      source: `import fs from 'node:fs'; fs.x;`,
      says: '"node:fs", which is not here',
    },
    {
      name: 'throws',
      source: passThat(`throw new Error('No good.')`),
      says: 'The pass "mine" failed: No good.',
    },
    {
      name: 'breaks the graph',
      source: passThat('model.graph.addOutput(model.graph.addValue("nowhere")); return { modified: true };'),
      says: 'nowhere',
    },
  ])('that $name is told, and the last result stays', async ({ source, says }) => {
    await run(source);
    await alert(says).waitFor();
    await result.getByText('weights.rounded 266,200').waitFor();
  });

  test('that loops for ever is stopped, and the next one runs', async () => {
    await page.getByLabel('Stop after').selectOption('3');
    await run(passThat('for (;;);'));
    await alert('did not end within 3 s').waitFor();
    await page.getByLabel('Stop after').selectOption('60');
    await run(passThat('console.log("nodes", model.graph.nodes.length); return { modified: false };'));
    await result.getByText('nodes 5').waitFor();
    await result.getByText('changed nothing').first().waitFor();
  });

  test('fits a screen of 390 pixels, and nothing was thrown', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(opened.errors).toEqual([]);
  });
});
