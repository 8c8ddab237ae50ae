import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { openBrowser } from '@espalier/config/browser';
import axe from 'axe-core';
import { siteFolder } from './built-site.js';

/** What a browser sees of a page. */
export interface Look {
  /** Pixels that the page is wider than the window. */
  readonly overflow: number;
  /** Rules of accessibility that are broken and serious, with the first place of each. */
  readonly faults: readonly string[];
  /** Errors of scripts, files that are not there, and requests that leave the site. */
  readonly troubles: readonly string[];
}

export interface View {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Opens pages of a folder in headless Chromium, one after the other. */
export async function lookAtPages(
  paths: readonly string[],
  { width, scheme }: View,
  folder: string = siteFolder,
): Promise<ReadonlyMap<string, Look & { readonly text: string }>> {
  const server = serve(folder);
  const browser = await openBrowser();
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  try {
    const looks = new Map<string, Look & { readonly text: string }>();
    for (const path of paths) {
      const page = await browser.context.newPage();
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme: scheme });
      const troubles: string[] = [];
      page.on('pageerror', ({ message }) => troubles.push(message));
      page.on('request', (request) => {
        if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(origin))
          troubles.push(`asks ${request.url()}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
      });
      await page.goto(`${origin}${path}`, { waitUntil: 'networkidle' });
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      looks.set(path, {
        overflow: await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
        faults: serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        troubles,
        text: await page.evaluate(() => document.body.textContent?.trim() ?? ''),
      });
      await page.close();
    }
    return looks;
  } finally {
    await browser.close();
    server.close();
  }
}

/** A plain static server: the site asks for no more. */
function serve(folder: string): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    const file = join(folder, normalize(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.statusCode = 404;
      response.end();
      return;
    }
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  }).listen(0);
}
