import { compute } from './compute.js';
import { input } from './input.js';
import model from './runs.espalier?url';

const response = await fetch(model);
globalThis.outputs = [...(await compute(new Uint8Array(await response.arrayBuffer()), input))];
