import { compile } from '../bin/build-wasm.js';

/** Compiles both binaries once for all test files: the twins are never stale. */
export async function setup({ provide }) {
  for (const name of ['simd', 'scalar']) {
    provide(`${name}Wasm`, Buffer.from(await compile(name)).toString('base64'));
  }
}
