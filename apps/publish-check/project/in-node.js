import { readFileSync } from 'node:fs';
import { compute } from './compute.js';
import { input } from './input.js';

console.log(JSON.stringify([...(await compute(readFileSync('runs.espalier'), input))]));
