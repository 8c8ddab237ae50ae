// Prints what recipes make of a file, and puts the table into the README: npm run measure [-- coef.npy]
import { readFileSync } from 'node:fs';
import { createRandom, readModel } from '@espalier/core';
import { createCompressor, deepCompression, float16 } from '@espalier/presets';
import { myIdea } from 'espalier-plugin-my-idea';
import { writeTable } from './readme-table.js';

const compressor = createCompressor([myIdea]);
const [file] = process.argv.slice(2);
const bytes = file === undefined ? seededMatrix() : readFileSync(file);
const model = await readModel(compressor.container, bytes);

const rows = [['file', 'bytes', 'smaller']];
rows.push(['.npy', bytes.length, '']);
for (const recipe of [float16, deepCompression]) {
  const { report } = await compressor.run(model, recipe);
  const ratio = bytes.length / report.sizeBytesAfter;
  rows.push([`.espalier, recipe ${recipe.name}`, report.sizeBytesAfter, `${ratio.toFixed(2)}x`]);
}
writeTable(rows);

/** 512 x 64 float32 from a normal distribution, as numpy.save writes it. */
function seededMatrix() {
  const random = createRandom('matrix');
  const data = Float32Array.from({ length: 512 * 64 }, () => 0.1 * random.normal());
  const dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (512, 64), }";
  const header = new TextEncoder().encode(`${dict.padEnd(117)}\n`);
  const start = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0);
  return new Uint8Array([...start, ...header, ...new Uint8Array(data.buffer)]);
}
