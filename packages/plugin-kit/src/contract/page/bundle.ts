// Node only: bundles what a page is to run.
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** As much of Vite as is used here. It comes with vitest. */
interface Vite {
  build(config: object): Promise<unknown>;
}

interface Output {
  readonly output: readonly { readonly code: string }[];
}

/** Sources where the workspace has them, else what a page's bundler takes. */
const conditions: readonly string[] = '@espalier/source browser module import default'.split(' ');

const entry = 'espalier-contract-page';

/** One script without imports: it puts `espalierAnswers` of the plugins that a module exports on the page. */
export async function bundleForPage(module: URL): Promise<string> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const answers = fileURLToPath(new URL(`./answers.${extension}`, import.meta.url));
  const text = `
    import { answersOf } from ${JSON.stringify(answers)};
    import * as subject from ${JSON.stringify(fileURLToPath(module))};
    const isPlugin = (one) => one !== null && typeof one?.register === 'function' && typeof one.id === 'string';
    globalThis.espalierAnswers = (questions) => answersOf(Object.values(subject).filter(isPlugin), questions);`;
  const vite = await loadVite();
  const result = await vite.build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions },
    plugins: [
      {
        name: entry,
        resolveId: (id: string) => (id === entry ? `\0${entry}` : null),
        load: (id: string) => (id === `\0${entry}` ? text : null),
      },
    ],
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rollupOptions: { input: entry, output: { format: 'es', codeSplitting: false } },
    },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Output; // what build gives with write: false
  return output[0]?.code ?? '';
}

async function loadVite(): Promise<Vite> {
  const vitest = createRequire(import.meta.url).resolve('vitest/package.json');
  return (await import(pathToFileURL(createRequire(vitest).resolve('vite')).href)) as Vite;
}
