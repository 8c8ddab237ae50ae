import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

const source = new URL('../src/offline/service-worker.js', import.meta.url);

/** Fetched when somebody trains, and kept from then on. */
const ON_DEMAND = /digits\/training/;

/** Writes the script that keeps the page for when there is no network, with the names of all files in it. */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      if (this.environment.name !== 'client') return;
      const files = Object.keys(bundle)
        .filter((name) => !ON_DEMAND.test(name))
        .sort();
      const hash = createHash('sha256');
      for (const name of files) {
        const file = bundle[name];
        hash.update(name).update(file?.type === 'asset' ? file.source : (file?.code ?? ''));
      }
      const text = await readFile(source, 'utf8');
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: text
          .replace("'__VERSION__'", JSON.stringify(hash.digest('hex').slice(0, 16)))
          .replace(
            '/* __FILES__ */',
            ['', 'index.html', ...files.filter((name) => name !== 'index.html')]
              .map((name) => JSON.stringify(name))
              .join(', '),
          ),
      });
    },
  };
}
