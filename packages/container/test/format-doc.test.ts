import { readFileSync, writeFileSync } from 'node:fs';
import { codebook, dense, Graph, Model, packed, quantization, Tensor } from '@espalier/core';
import { expect, test } from 'vitest';
import { crc32 } from '../src/crc32.js';
import { dictionary, dictionaryWords } from '../src/dictionary.js';
import { writeEspalier } from '../src/index.js';
import * as layout from '../src/layout.js';
import { annotate } from './annotate.js';

// docs/format.md quotes the code in blocks between markers. `ESPALIER_UPDATE=1 npx vitest run format-doc`
// writes them anew; without it this test says where page and code have parted.
const page = new URL('../../../docs/format.md', import.meta.url);

/** x: float32[N, 4], times a 4 x 2 matrix of two shared weights, then Relu, quantized. */
function exampleModel(): Model {
  const graph = new Graph();
  const x = graph.addInput('x', { dtype: 'float32', dims: ['N', 4] });
  const centroids = dense(new Tensor('float32', Float32Array.of(-0.5, 1)));
  const indices = packed(new Tensor('uint8', Uint8Array.of(0, 1, 1, 0, 1, 1, 0, 0), [4, 2]), 1);
  const product = graph.apply({
    op: 'MatMul',
    inputs: [x, graph.constant(codebook(centroids, indices), 'w')],
  });
  const quantized = quantization({ scale: 0.25, storageType: 'uint8' });
  graph.addOutput(
    graph.apply({ op: 'Relu', inputs: [product] }, 'y', {
      dtype: 'float32',
      dims: ['N', 2],
      quantization: quantized,
    }),
  );
  return new Model(graph);
}

function wrapped(words: readonly string[]): string {
  const lines = [''];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + 1 > 100) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}

const limits: readonly (readonly [string, number])[] = [
  ['bytes of the inflated header', layout.MAX_HEADER_BYTES],
  ['bytes of it for each byte of the deflated one', layout.MAX_INFLATION],
  ['nodes', layout.MAX_NODES],
  ['values', layout.MAX_VALUES],
  ['types', layout.MAX_TYPES],
  ['operators', layout.MAX_OPERATORS],
  ['attributes of all operators', layout.MAX_ATTRIBUTES],
  ['encodings of all trees', layout.MAX_ENCODINGS],
  ['encodings within each other', layout.MAX_DEPTH],
  ['dims of a type', layout.MAX_RANK],
  ['size of a dim', layout.MAX_DIM],
  ['elements of a stored tensor', layout.MAX_ELEMENTS],
  ['bytes of a payload', layout.MAX_PAYLOAD_BYTES],
];

const blocks: Readonly<Record<string, () => string>> = {
  dump: () => annotate(writeEspalier(exampleModel())),
  dictionary: () => wrapped(dictionaryWords),
  limits: () => limits.map(([what, limit]) => `${String(limit).padStart(10)}  ${what}`).join('\n'),
};

for (const [name, make] of Object.entries(blocks)) {
  test(`docs/format.md shows the ${name} that the code has`, () => {
    const text = readFileSync(page, 'utf8');
    const block = new RegExp(`(<!-- ${name} -->\\n\`\`\`text\\n)([\\s\\S]*?)(\\n\`\`\`)`);
    if (process.env['ESPALIER_UPDATE'] === '1') {
      writeFileSync(
        page,
        text.replace(block, (_, before, __, after) => `${before}${make()}${after}`),
      );
    }
    expect(block.exec(readFileSync(page, 'utf8'))?.[2]).toBe(make());
  });
}

test('the dictionary is the one of version 1: its checksum is that of the page', () => {
  expect(readFileSync(page, 'utf8')).toContain(
    `${dictionary().length} bytes, CRC-32 \`${crc32(dictionary()).toString(16)}\``,
  );
});
