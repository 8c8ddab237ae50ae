/** A thread that compiles one binary after another: `build-wasm.js` sends their names. */
import { parentPort } from 'node:worker_threads';
import { compile } from './build-wasm.js';

parentPort.on('message', async (name) => {
  parentPort.postMessage({ name, binary: await compile(name) });
});
