// Presses the retraining button of the built page and prints what comes of it: `npm run retrain`. Too long for a test.
import { openBrowser } from '@espalier/config/browser';
import { serveBuild } from './serve-build.js';

const server = await serveBuild();
const browser = await openBrowser();
const page = await browser.context.newPage();
await page.addInitScript(() => {
  globalThis.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
  }).observe({ entryTypes: ['longtask'] });
});
await page.goto(`${server.url}#digit`);
const made = page.locator('.figures[aria-busy="false"] [data-testid="hash"]');
await made.waitFor();
const before = await made.textContent();
await page.evaluate(() => {
  globalThis.longest = 0;
});

const started = performance.now();
await page.getByRole('button', { name: 'Retrain' }).click();
await page.waitForFunction(
  (old) => {
    const hash = document.querySelector('.figures[aria-busy="false"] [data-testid="hash"]')?.textContent;
    return hash !== undefined && hash !== old && document.querySelector('progress') === null;
  },
  before,
  { timeout: 600_000 },
);
const seconds = (performance.now() - started) / 1000;
const figures = await page.locator('.figures > *').allTextContents();
const longest = await page.evaluate(() => globalThis.longest);
console.log(`${seconds.toFixed(0)} s, longest task of the page ${longest === 0 ? 'below 50' : longest} ms`);
console.log(figures.join(' | '));
await browser.close();
server.close();
