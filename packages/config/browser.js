import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';

/** Why tests in a browser can't run here, or null where they can. */
export function noBrowserReason() {
  return findChromium() === null ? 'no chromium on this machine (set CHROMIUM_PATH, or install it)' : null;
}

function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // Not this one.
    }
  }
  return null;
}

/** Opens a headless browser with a fresh profile. Close it with the returned `close`. */
export async function openBrowser() {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error(noBrowserReason());
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'espalier-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  return {
    context,
    async close() {
      await context.close();
      fs.rmSync(profile, { recursive: true, force: true });
    },
  };
}

/**
 * Bundles an entry file and what it imports from the workspace's sources into one script for a page.
 *
 * @param {string} entry - path of a TypeScript file
 * @returns {Promise<string>} an ES module without imports
 */
export async function bundleForPage(entry) {
  const [output] = await bundle(entry, { codeSplitting: false });
  return output.code;
}

/**
 * The same as a page's author gets it: what is imported as the page runs is a file of its own.
 *
 * @param {string} entry - path of a TypeScript file
 * @returns {Promise<import('./browser.js').PageFile[]>} the entry first
 */
export async function bundleToFiles(entry) {
  const output = await bundle(entry, { entryFileNames: 'page.js', chunkFileNames: '[name].js', assetFileNames: '[name][extname]' });
  return output.map((file) => ({
    name: file.fileName,
    text: file.type === 'chunk' ? file.code : Buffer.from(file.source).toString(),
    imports: file.type === 'chunk' ? file.imports : [],
    sources: file.type === 'chunk' ? Object.entries(file.modules).map(([id, { renderedLength }]) => ({ id, bytes: renderedLength })) : [],
  }));
}

async function bundle(input, output) {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['@espalier/source', 'browser', 'module', 'import', 'default'] },
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      modulePreload: false,
      // As for a page's own entry: what chunks share may stand in it. Its exports are kept for who imports it here.
      rollupOptions: { input, output: { format: 'es', ...output }, preserveEntrySignatures: 'allow-extension' },
    },
  });
  return (Array.isArray(result) ? result[0] : result).output;
}
