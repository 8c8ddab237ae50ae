/** What runs in the page of `run.js --browser`. */
import { loadKernels } from '../dist/index.js';
import { casesOf, timeCase, twins } from './timing.js';

async function compileTwins() {
  const modules = twins.map(async (name) => [
    name,
    await WebAssembly.compileStreaming(fetch(`/${name}.wasm`)),
  ]);
  return Object.fromEntries(await Promise.all(modules));
}
const compiled = compileTwins();

globalThis.bench = {
  binary: async () => (await loadKernels()).binary,
  time: async (part, index) => timeCase(casesOf(part)[index], await compiled),
};
