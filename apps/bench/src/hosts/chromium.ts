import { createRequire } from 'node:module';
import path from 'node:path';
import { bundleForPage, noBrowserReason, openBrowser } from '@espalier/config/browser';
import type { EngineName } from '../engines/engine.js';
import type { Agent } from './agent.js';
import type { Host, HostOptions } from './host.js';
import { type PageServer, servePage } from './page-server.js';
import { packageFolder, packageVersion } from './versions.js';

/** LiteRT's loader names this package. */
const html = `<!doctype html><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "@litertjs/wasm-utils": "/litert-utils/index.js" } }</script>
<script type="module" src="/page.js"></script>`;

/**
 * One page of a headless Chromium as a host; null where there is no Chromium, which is said.
 *
 * @param entry - path of `page.ts`
 */
export async function chromiumHost(entry: string, options: HostOptions): Promise<Host | null> {
  const reason = noBrowserReason();
  if (reason !== null) {
    options.say(`Chromium is left out: ${reason}.`);
    return null;
  }
  const server = await servePage(peerFolders());
  server.files.set('/index.html', html);
  server.files.set('/page.js', await bundleForPage(entry));
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  page.on('pageerror', (error) => options.say(`In the page: ${error.message}`));
  await page.goto(`${server.url}/index.html?threads=${options.peerThreads}`);
  await page.waitForFunction(() => 'agent' in globalThis);

  type Method = 'load' | 'warmUp' | 'time' | 'productMs' | 'limits' | 'release';
  async function call<M extends Method>(
    method: M,
    ...args: Parameters<Agent[M]>
  ): Promise<Awaited<ReturnType<Agent[M]>>> {
    const result: unknown = await page.evaluate(
      ([name, given]) => {
        const { agent } = globalThis as unknown as { agent: Record<string, (...args: unknown[]) => unknown> };
        return agent[name as string]?.(...(given as unknown[]));
      },
      [method, args] as const,
    );
    return result as Awaited<ReturnType<Agent[M]>>; // what the agent's method gives
  }

  return {
    name: 'chromium',
    version: browser.context.browser()?.version() ?? '',
    engines: servedEngines(options),
    offer: (name, bytes) => void server.files.set(`/files/${name}`, bytes),
    load: (request) => call('load', request),
    warmUp: (id, milliseconds) => call('warmUp', id, milliseconds),
    time: (id, slotMs) => call('time', id, slotMs),
    productMs: (id, samples, runs) => call('productMs', id, samples, runs),
    limits: (names, rounds) => call('limits', names, rounds),
    release: (id) => call('release', id),
    close: () => close(server, browser),
  };
}

async function close(server: PageServer, browser: { close(): Promise<void> }): Promise<void> {
  await browser.close();
  server.close();
}

function servedEngines({ peers, version, say }: HostOptions): ReadonlyMap<EngineName, string> {
  const engines = new Map<EngineName, string>([
    ['espalier', version],
    ['espalier-fast', version],
  ]);
  if (!peers) return engines;
  const packages = [
    ['onnxruntime-web', 'onnxruntime-web'],
    ['litert', '@litertjs/core'],
  ] as const;
  for (const [engine, name] of packages) {
    const version = packageVersion(name);
    if (version === null) say(`${name} is not installed: left out.`);
    else engines.set(engine, version);
  }
  return engines;
}

/** Folders of installed peers, by the path of the page's imports. */
function peerFolders(): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  const [ort, litert] = [packageFolder('onnxruntime-web'), packageFolder('@litertjs/core')];
  if (ort !== null) folders.set('/onnxruntime-web/', ort);
  if (litert !== null) {
    folders.set('/litert/', litert);
    const utils = createRequire(path.join(litert, 'dist/index.js')).resolve('@litertjs/wasm-utils');
    folders.set('/litert-utils/', path.dirname(utils));
  }
  return folders;
}
