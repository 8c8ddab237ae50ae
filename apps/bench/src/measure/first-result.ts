// A process of its own, run by `load-time.ts`: prints the milliseconds from the bytes of a file to its first result.
//
//     node first-result.mjs model.espalier dims input

import { readFileSync } from 'node:fs';
import { espalierFormat } from '@espalier/container';
import { affineKind, denseKind, Tensor } from '@espalier/core';
import { huffmanKind } from '@espalier/plugin-huffman';
import { InferenceSession } from '@espalier/runtime';

const [file = '', dims = '', input = ''] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(file));
const data = new Float32Array(new Uint8Array(readFileSync(input)).buffer);
const x = new Tensor('float32', data, dims.split('x').map(Number));
const formats = [espalierFormat(() => [denseKind, affineKind, huffmanKind])];

const start = performance.now();
const session = await InferenceSession.create(bytes, { formats });
await session.run({ x });
console.log(performance.now() - start);
