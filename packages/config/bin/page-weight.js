// Weighs the page that only runs models, beside what other engines load, and writes docs/results/page-weight.md.
// `npm run -s page-weight`; the peers take half a minute of brotli.
import fs from 'node:fs';
import path from 'node:path';
import { brotliBytes, weighPage } from '../page-weight.js';
import { root } from './workspace.js';

const entry = 'packages/presets/test/run-only-page.ts';

/** What their pages load at least to run a model on the processor: the binary and its loader. apps/bench has the packages. */
const peers = [
  { name: 'LiteRT.js', package: '@litertjs/core', files: ['wasm/litert_wasm_internal.js', 'wasm/litert_wasm_internal.wasm'] },
  { name: 'onnxruntime-web', package: 'onnxruntime-web', files: ['dist/ort.wasm.min.mjs', 'dist/ort-wasm-simd-threaded.mjs', 'dist/ort-wasm-simd-threaded.wasm'] },
];

const weight = await weighPage(path.join(root, entry));
const count = (bytes) => bytes.toLocaleString('en-US');
const row = (...cells) => `| ${cells.join(' | ')} |`;

const files = weight.files.map(({ name, bytes, brotli, onDemand, parts }) =>
  row(`\`${name}\``, onDemand ? 'on demand' : 'always', count(bytes), count(brotli), parts.map((part) => `${part.name} ${count(part.brotli)}`).join(', ')),
);
const ourBytes = (some) => some.reduce((sum, { bytes }) => sum + bytes, 0);
const engines = [
  row('Espalier, most networks of convolutions', count(ourBytes(weight.files.filter(({ onDemand }) => !onDemand))), count(weight.loaded)),
  row('Espalier, every operator', count(ourBytes(weight.files)), count(weight.everything)),
  ...peers.map(weighPeer),
];

const text = `# What a page loads to run a model

Bytes of a page that fetches a \`.espalier\` file and runs it (\`${entry}\`), bundled and minified by vite:
container, runtime, kernels, and all encodings that such a file may have. Behind brotli at quality 11. A test holds what
is always loaded below 90,000 bytes.

| engine | bytes | brotli |
| --- | ---: | ---: |
${engines.join('\n')}

Kernels come in several binaries, of which a browser loads one; the heaviest is counted. The plain operators, in
TypeScript, are loaded where a model has one that no kernel computes, and the steps of operators that few networks of
convolutions have (Resize, LSTM, LayerNormalization) where a model has one of those. Of the other engines the binary and its loader are
counted, for one thread on the processor.

| file | loaded | bytes | brotli | of which, by code |
| --- | --- | ---: | ---: | --- |
${files.join('\n')}

\`npm run -s page-weight\` writes this page.
`;
fs.writeFileSync(path.join(root, 'docs/results/page-weight.md'), text);
console.log(text);

function weighPeer({ name, package: id, files: wanted }) {
  const folder = path.join(root, 'apps/bench/node_modules', id);
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const contents = wanted.map((file) => fs.readFileSync(path.join(folder, file)));
  const sum = (measure) => contents.reduce((total, content) => total + measure(content), 0);
  return row(`${name} ${version}`, count(sum((content) => content.length)), count(sum(brotliBytes)));
}
