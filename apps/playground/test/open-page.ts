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
  // For what never comes: how long it takes is the machine's business.
  page.setDefaultTimeout(120_000);
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
    let wasmModules = 0;
    Object.defineProperty(globalThis, 'wasmModules', { get: () => wasmModules });
    const counted: ProxyHandler<object> = {
      apply(target, self, args) {
        wasmModules++;
        return Reflect.apply(target as never, self, args);
      },
      construct(target, args) {
        wasmModules++;
        return Reflect.construct(target as never, args);
      },
    };
    for (const name of [
      'compile',
      'compileStreaming',
      'instantiate',
      'instantiateStreaming',
      'Module',
      'Instance',
    ]) {
      const real = Reflect.get(WebAssembly, name) as object; // a function or a class of the platform
      Object.defineProperty(WebAssembly, name, { value: new Proxy(real, counted) });
    }
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

/** What the main thread has done: the same on a machine of any speed. */
export interface MainThreadWork {
  /** How often blocks of JavaScript ran, as V8 counts them for coverage. */
  readonly steps: number;
  /** Modules of WebAssembly that were compiled or instantiated since the page was opened. */
  readonly wasm: number;
}

/** Counts what the main thread does from now on. Workers are not in it. */
export async function countWork(page: Page): Promise<() => Promise<MainThreadWork>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return async () => {
    const { result } = await session.send('Profiler.takePreciseCoverage');
    await session.detach();
    const ranges = result.flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
    const wasm = await page.evaluate(() => Reflect.get(globalThis, 'wasmModules') as number); // of the script above
    return { steps: ranges.reduce((sum, { count }) => sum + count, 0), wasm };
  };
}

/** The longest task of the main thread since the last call, in ms; 0 where none was above 50. To be printed: it is the machine's. */
export function longestTask(page: Page): Promise<number> {
  return page.evaluate(() => {
    const tasks = (globalThis as unknown as { readonly longTasks: number[] }).longTasks; // of the script above
    return Math.max(0, ...tasks.splice(0));
  });
}

/** Waits for the file of what the sliders say now. */
export async function fileMade(page: Page): Promise<string> {
  await page.locator('.figures[aria-busy="false"] [data-testid="hash"]').waitFor();
  return (await page.locator('[data-testid="hash"]').textContent()) ?? '';
}
