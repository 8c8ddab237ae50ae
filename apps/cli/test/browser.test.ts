import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { expect, test } from 'vitest';

test('the one import for all bundles for a page without anything of Node', async () => {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    root: fileURLToPath(new URL('..', import.meta.url)),
    resolve: { conditions: ['@espalier/source'] },
    build: {
      write: false,
      minify: false,
      lib: { entry: 'src/index.ts', formats: ['es'] },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const code = outputs
    .flatMap((one) => ('output' in one ? one.output : []))
    .flatMap((part) => ('code' in part ? part.code : []));
  expect(code.join('\n')).toMatch(/InferenceSession/);
  // Vite puts a stub in the place of what only Node has.
  expect(code.join('\n')).not.toMatch(/__vite-browser-external|from ['"]node:|require\(['"](fs|path|sharp)/);
});
