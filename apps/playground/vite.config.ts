import { defineConfig } from 'vite';
import { servePageFiles } from './vite/page-files.js';
import { serviceWorker } from './vite/service-worker.js';

/** With these a page may share memory between threads: training takes two. It works without. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

// biome-ignore lint/style/noDefaultExport: where Vite looks for it
export default defineConfig({
  // The page is served from a folder of the documentation.
  base: './',
  plugins: [servePageFiles(), serviceWorker()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2022', modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1000 },
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
});
