import { availableParallelism, loadavg } from 'node:os';
import { noBrowserReason, openBrowser } from '@espalier/config/browser';
import type { Page } from 'playwright-core';
import { serveBuild } from '../bin/serve-build.js';

/** Why these tests can't run here, printed; null where they can. */
export const reason: string | null = noBrowserReason();
if (reason !== null) console.log(`Skipped: ${reason}`);

/** The built page in a browser of its own, with what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  readonly url: string;
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** Opens the page at an address behind the `#`. Long tasks are noted from the start: `longTasks` reads them. */
export async function openPage(hash = ''): Promise<OpenPage> {
  const server = await serveBuild();
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      entryTypes: ['longtask'],
    });
  });
  await page.goto(`${server.url}${hash}`);
  return {
    page,
    url: server.url,
    errors,
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** How much longer than alone a page takes here: other work wants the cores too. 1 on a quiet machine. */
export function slack(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}

/** The longest task of the main thread since the last call, in ms; 0 where none was above 50. */
export function longestTask(page: Page): Promise<number> {
  return page.evaluate(() => {
    const tasks = (globalThis as unknown as { readonly longTasks: number[] }).longTasks; // of the script above
    return Math.max(0, ...tasks.splice(0));
  });
}

/** Waits for the file of what the sliders say now. */
export async function fileMade(page: Page): Promise<string> {
  await page.locator('.figures[aria-busy="false"] [data-testid="hash"]').waitFor({ timeout: 30_000 });
  return (await page.locator('[data-testid="hash"]').textContent()) ?? '';
}
