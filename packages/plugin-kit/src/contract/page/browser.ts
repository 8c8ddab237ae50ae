// Node only: starts Chromium through playwright-core, where both are there.
import { execFileSync } from 'node:child_process';

/** As much of playwright-core as is used here. */
interface Playwright {
  readonly chromium: {
    launch(options: object): Promise<{
      newPage(): Promise<PlaywrightPage>;
      close(): Promise<void>;
    }>;
  };
}

interface PlaywrightPage {
  addScriptTag(options: { readonly content: string; readonly type: string }): Promise<unknown>;
  waitForFunction(condition: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
}

/** Why nothing can run in a page here; null where it can. */
export async function noPageReason(): Promise<string | null> {
  if ((await playwright()) === null) return 'playwright-core is not installed';
  return chromiumPath() === null ? 'there is no chromium on this machine (set CHROMIUM_PATH)' : null;
}

/** Runs a script in an empty page, then an expression, whose value it gives. */
export async function evaluateInPage(script: string, ready: string, expression: string): Promise<unknown> {
  const browser = await (await playwright())?.chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  if (browser === undefined) throw new Error('playwright-core is not installed');
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script, type: 'module' });
    await page.waitForFunction(ready);
    return await page.evaluate(expression);
  } finally {
    await browser.close();
  }
}

/** By a name that no bundler follows: users need not have it. */
async function playwright(): Promise<Playwright | null> {
  const name = 'playwright-core';
  return import(name).then(
    (module) => (module.chromium === undefined ? module.default : module) as Playwright,
    () => null,
  );
}

function chromiumPath(): string | null {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH !== undefined) return CHROMIUM_PATH;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // Not this one.
    }
  }
  return null;
}
