import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { sampleReport } from '../../test/sample-report.js';
import { weightHistogram } from './histogram.js';
import { html } from './html.js';
import { reportPage } from './page.js';

const executablePath =
  process.env['CHROMIUM_PATH'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (executablePath === undefined) console.info('skipped: no Chromium here to open the report with');

describe('reportPage', () => {
  test('names in it are text, never markup', () => {
    const data = { ...sampleReport(), title: '<script>alert(1)</script>' };
    expect(reportPage(data)).not.toContain('<script');
    expect(html`${'a"<b>'}`.text).toBe('a&#34;&#60;b&#62;');
  });

  test('refers to nothing outside itself', () => {
    const page = reportPage(sampleReport());
    expect(page).not.toMatch(/(src|href)=|@import|https?:\/\//);
    expect([...page.matchAll(/url\(([^)]*)\)/g)].map((match) => match[1])).toEqual(['#stripes']);
  });

  test('tables of passes are in it', () => {
    const page = reportPage(sampleReport());
    expect(page).toContain('<h2>Bits of each layer</h2>');
    expect(page).toContain('<td class="">layer1.1.conv1.weight</td><td class="number">5</td>');
  });

  test('without data it says that accuracy was not measured', () => {
    expect(reportPage({ ...sampleReport(), quality: null })).toContain('Accuracy was not measured');
  });

  test('a model without weights still has a page', () => {
    const page = reportPage({ ...sampleReport(), layers: [], histograms: [], passes: [] });
    expect(page).toContain('Where the bytes went');
    expect(page).not.toMatch(/NaN|undefined/);
  });

  test.skipIf(executablePath === undefined).each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
  ] as const)('opens without a request or an error, %s, %i pixels wide', async (colorScheme, width) => {
    const folder = await mkdtemp(join(tmpdir(), 'espalier-report-'));
    const path = join(folder, 'report.html');
    await writeFile(path, reportPage(sampleReport()));
    const browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    try {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      const requests: string[] = [];
      const problems: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(`file://${path}`);
      expect(requests).toEqual([`file://${path}`]);
      expect(problems).toEqual([]);
      const size = await page.evaluate(
        '[document.documentElement.scrollWidth, innerWidth, document.querySelectorAll("svg.histogram").length, document.querySelectorAll("svg.curve").length]',
      );
      // Nothing but the table's own box scrolls sideways.
      expect(size).toEqual([width, width, 15, 2]);
      const out = process.env['ESPALIER_SCREENSHOTS'];
      if (out !== undefined) {
        mkdirSync(out, { recursive: true });
        await page.screenshot({ path: join(out, `${colorScheme}-${width}.png`), fullPage: true });
      }
    } finally {
      await browser.close();
      await rm(folder, { recursive: true });
    }
  });
});

describe('weightHistogram', () => {
  test('counts every finite value once, both tensors over the same range', () => {
    const histogram = weightHistogram('w', [-1, 0, 0.5, NaN], [0, 0, 1, Infinity]);
    expect([histogram.min, histogram.max]).toEqual([-1, 1]);
    expect(histogram.before.reduce((a, b) => a + b)).toBe(3);
    expect([histogram.after[32], histogram.after[63]]).toEqual([2, 1]);
  });

  test('a constant tensor has a range too', () => {
    expect(weightHistogram('w', [2, 2], [2, 2])).toMatchObject({ min: 1, max: 3 });
    expect(weightHistogram('w', [], [])).toMatchObject({ min: -1, max: 1 });
  });
});
