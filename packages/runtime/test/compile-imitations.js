import { compileTested } from '../../kernels/test/compile-binaries.js';

/** Compiles relaxed kernels with exact code in place of the dot product, for either meaning it has: they run on any machine. */
export async function setup({ provide }) {
  const imitations = {};
  for (const key of ['relaxedSigned', 'relaxedUnsigned']) {
    imitations[key] = Buffer.from(await compileTested(key)).toString('base64');
  }
  provide('imitations', imitations);
}
