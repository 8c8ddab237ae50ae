// Takes the pictures of the built page that the documentation shows: `npm run screenshots` writes docs/public/playground. With
// words behind it only those whose names begin so.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '@espalier/config/browser';
import sharp from 'sharp';
import { serveBuild } from './serve-build.js';

const folder = new URL('../../../docs/public/playground/', import.meta.url);
const lenet5 = fileURLToPath(new URL('../../reproduce/models/lenet-5.onnx', import.meta.url));
/** A picture is loaded by who reads the documentation: no more than this. */
const MOST_BYTES = 150_000;

/** What is pictured: a name, the view, and what is done before. */
const pictures = [
  { name: 'digit-light', hash: '#digit', ready: digitReady },
  { name: 'digit-dark', hash: '#digit', theme: 'dark', ready: digitReady },
  { name: 'digit-390', hash: '#digit', size: { width: 390, height: 844 }, ready: digitReady },
  { name: 'retraining', hash: '#digit', ready: retraining },
  { name: 'model', hash: '#model', ready: modelReady },
  { name: 'pipeline', hash: '#pipeline', theme: 'dark', ready: pipelineReady },
  { name: 'code', hash: '#code', ready: codeReady },
];

const wanted = process.argv.slice(2);
const chosen = pictures.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)),
);
await mkdir(folder, { recursive: true });
const server = await serveBuild();
const browser = await openBrowser();
for (const { name, hash, theme = 'light', size = { width: 1280, height: 860 }, ready } of chosen) {
  const page = await browser.context.newPage();
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.goto(`${server.url}${hash}`);
  await ready(page);
  const file = new URL(`${name}.png`, folder);
  // A palette takes a third of the bytes, and nobody sees the difference in flat colours.
  const shot = sharp(await page.screenshot());
  await writeFile(file, await shot.png({ palette: true, quality: 90, effort: 10 }).toBuffer());
  const { size: bytes } = await stat(file);
  console.log(`${name}: ${bytes} bytes${bytes > MOST_BYTES ? ', too many' : ''}`);
  if (bytes > MOST_BYTES) process.exitCode = 1;
  await page.close();
}
await browser.close();
server.close();

async function digitReady(page) {
  await page.locator('.figures[aria-busy="false"] [data-testid="hash"]').waitFor();
  await page.locator('.race-number', { hasText: 'µs' }).first().waitFor({ timeout: 60_000 });
}

async function retraining(page) {
  await digitReady(page);
  await page.getByRole('button', { name: 'Retrain' }).click();
  await page.waitForFunction(() => Number(document.querySelector('progress')?.value) > 0.2, null, {
    timeout: 120_000,
  });
  await page.locator('.retraining').evaluate((element) => element.scrollIntoView({ block: 'center' }));
}

async function modelReady(page) {
  await page.locator('.node').first().waitFor();
  await page.getByLabel('Model file').setInputFiles(lenet5);
  await page.getByText('lenet-5.onnx').first().waitFor();
  await page.getByRole('radio', { name: 'deep-compression', exact: true }).check();
  await page.getByRole('button', { name: 'Make it small' }).click();
  await page.locator('.result').waitFor({ timeout: 60_000 });
  await page.locator('.node[data-weighty="true"]').first().click();
  await page.locator('.weight-details .histogram').waitFor();
  // The graph is what others have no picture of.
  await page.locator('.stages').evaluate((element) => element.scrollIntoView());
}

async function pipelineReady(page) {
  await page.getByTestId('hash-A').waitFor({ timeout: 60_000 });
  await page.getByTestId('hash-B').waitFor({ timeout: 60_000 });
}

async function codeReady(page) {
  await page.locator('.cm-content').waitFor();
  await page.getByRole('button', { name: 'Run the pass' }).click();
  await page.getByText('weights.rounded').waitFor({ timeout: 60_000 });
}
