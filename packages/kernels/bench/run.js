/**
 * Times every kernel of the table with benchmark.js, after its result was compared with the scalar twin; those that
 * multiply sums also in the binaries for the rules of TensorFlow Lite. The binary is the one this machine would load.
 * `pnpm bench [part of a kernel's name] [--browser]`; needs a build. With --browser it is done in headless Chromium.
 */
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { bundleForPage, noBrowserReason, openBrowser } from '@espalier/config/browser';
import { compile } from '../bin/build-wasm.js';
import { loadKernels } from '../dist/index.js';
import { casesOf, timeCase, twins } from './timing.js';

const words = process.argv.slice(2);
const part = words.find((word) => !word.startsWith('--')) ?? '';
const binaries = await Promise.all(twins.map(async (name) => [name, await compile(name)]));
if (words.includes('--browser')) await inBrowser();
else await here();

async function here() {
  const modules = Object.fromEntries(binaries.map(([name, bytes]) => [name, new WebAssembly.Module(bytes)]));
  console.log(`Node ${process.versions.node}, binary "${(await loadKernels()).binary}"`);
  for (const one of casesOf(part)) console.log(await timeCase(one, modules));
}

async function inBrowser() {
  const reason = noBrowserReason();
  if (reason !== null) throw new Error(reason);
  // Isolated from other origins: the clock ticks every 5 microseconds then, not every 100.
  const isolation = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  };
  const files = {
    '/': ['text/html', '<!doctype html><script type="module" src="/page.js"></script>'],
    '/page.js': ['text/javascript', await bundleForPage(fileURLToPath(new URL('page.js', import.meta.url)))],
    ...Object.fromEntries(binaries.map(([name, bytes]) => [`/${name}.wasm`, ['application/wasm', bytes]])),
  };
  const server = http.createServer(({ url }, response) => {
    const [type, content] = files[url ?? '/'] ?? ['text/plain', ''];
    response.writeHead(content === '' ? 404 : 200, { ...isolation, 'Content-Type': type }).end(content);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await openBrowser();
  try {
    const page = await browser.context.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => 'bench' in globalThis);
    console.log(
      await page.evaluate(async () => `${navigator.userAgent}, binary "${await globalThis.bench.binary()}"`),
    );
    for (let i = 0; i < casesOf(part).length; i++) {
      console.log(await page.evaluate(([name, index]) => globalThis.bench.time(name, index), [part, i]));
    }
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}
